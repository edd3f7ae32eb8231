using Microsoft.Data.Analysis;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;
using Plotly.NET;
using TorchSharp;
using Show = ArTar.Workbench.Display.Show;

namespace ArTar.Workbench.Interactive;

/// <summary>
/// What .NET Interactive does for the workbench when a notebook refers to this package: bare charts, data frames and tensors look as in every
/// other host, and cancelling a cell stops the library's long calls within a step.
/// </summary>
public static class WorkbenchExtension
{
    /// <summary>Teaches a kernel all that; the package's own script calls it.</summary>
    public static void Load(Kernel kernel)
    {
        TorchLibrary.Load();
        // The workbench's own types are known by their attribute.
        Register<GenericChart>(chart => (Show.Chart(chart).ToHtml(), Show.Chart(chart).ToString()));
        Register<DataFrame>(frame => Forms(Show.Frame(frame)));
        Register<torch.Tensor>(tensor => Forms(Show.Tensor(tensor)));
        StopWithTheCell(kernel);
    }

    private static (string Html, string Text) Forms(Display.Html shown) => (shown.ToHtml(), shown.ToString());

    private static void Register<T>(Func<T, (string Html, string Text)> forms)
    {
        Formatter.Register<T>((value, writer) => writer.Write(forms(value).Html), HtmlFormatter.MimeType);
        Formatter.Register<T>((value, writer) => writer.Write(forms(value).Text), PlainTextFormatter.MimeType);
        Formatter.SetPreferredMimeTypesFor(typeof(T), HtmlFormatter.MimeType, PlainTextFormatter.MimeType);
    }

    private static void StopWithTheCell(Kernel kernel) => kernel.AddMiddleware(async (command, context, next) =>
    {
        if (command is SubmitCode)
            new Interrupt(context.CancellationToken).Begin();
        await next(command, context);
    }, nameof(WorkbenchExtension));
}
