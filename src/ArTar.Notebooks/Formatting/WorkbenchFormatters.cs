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
    /// <param name="picture">
    /// Makes a PNG file of a chart. It takes the place of the script that draws the chart in a page: a notebook that is kept and
    /// read elsewhere shows its charts without running anything. Null draws none.
    /// </param>
    /// <param name="fallback">Makes one, or null, to stand where a page does not run the script.</param>
    public static Formatters Create(Func<GenericChart, byte[]>? picture = null,
        Func<GenericChart, byte[]?>? fallback = null) => new Formatters()
        .Add<ChartView>(view => Chart(view, picture, fallback))
        .Add<GenericChart>(chart => Chart(new(chart), picture, fallback))
        .Add<DataFrame>(frame => Of(Show.Frame(frame)))
        .Add<torch.Tensor>(tensor => Of(Show.Tensor(tensor)));

    private static MimeBundle Chart(ChartView view, Func<GenericChart, byte[]>? picture, Func<GenericChart, byte[]?>? fallback)
    {
        var data = new JsonObject { [Plotly] = JsonNode.Parse(view.ToJson()) };
        if (picture is null)
            data["text/html"] = view.ToHtml(fallback?.Invoke(view.Chart));
        else
            data["image/png"] = Convert.ToBase64String(picture(view.Chart));
        data["text/plain"] = view.ToString();
        return new(data);
    }

    private static MimeBundle Of(Html html) => MimeBundle.Html(html.ToHtml(), html.ToString());
}
