using System.Text.Json.Nodes;
using ArTar.Notebooks.Cells;
using ArTar.Workbench.Display;
using Microsoft.Data.Analysis;
using Plotly.NET;
using TorchSharp;

namespace ArTar.Notebooks.Formatting;

/// <summary>
/// How the types that the workbench works with are shown. Its own types carry their HTML themselves; here are those of other
/// libraries, so that they show well also when a cell does not wrap them.
/// </summary>
public static class WorkbenchFormatters
{
    /// <summary>MIME type of a chart that a front end draws by itself.</summary>
    private const string Plotly = "application/vnd.plotly.v1+json";

    /// <summary>The formatters.</summary>
    public static Formatters Create() => new Formatters()
        .Add<ChartView>(Chart)
        .Add<GenericChart>(chart => Chart(new(chart)))
        .Add<DataFrame>(frame => Of(Show.Frame(frame)))
        .Add<torch.Tensor>(tensor => MimeBundle.Text(Show.Tensor(tensor).ToString()));

    private static MimeBundle Chart(ChartView view) => new(new JsonObject
    {
        [Plotly] = JsonNode.Parse(view.ToJson()),
        ["text/html"] = view.ToHtml(),
        ["text/plain"] = view.ToString(),
    });

    private static MimeBundle Of(Html html) => MimeBundle.Html(html.ToHtml(), html.ToString());
}
