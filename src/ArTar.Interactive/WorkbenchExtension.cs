using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;
using TorchSharp;
using Show = ArTar.Workbench.Display.Show;

namespace ArTar.Workbench.Interactive;

/// <summary>
/// What .NET Interactive does for the workbench when a notebook refers to this package: libtorch loads, tensors show their values, and
/// cancelling a cell stops the library's long calls within a step. Bare charts are Plotly.NET.Interactive's matter, data frames that of
/// their own package; the workbench's types are known by their attribute.
/// </summary>
public static class WorkbenchExtension
{
    /// <summary>Teaches a kernel all that; the package's own script calls it.</summary>
    public static void Load(Kernel kernel)
    {
        TorchLibrary.Load();
        FSharpLibrary.TakeTheHosts();
        Formatter.Register<torch.Tensor>((tensor, writer) => writer.Write(Show.Tensor(tensor).ToHtml()), HtmlFormatter.MimeType);
        Formatter.Register<torch.Tensor>((tensor, writer) => writer.Write(Show.Tensor(tensor).ToString()), PlainTextFormatter.MimeType);
        Formatter.SetPreferredMimeTypesFor(typeof(torch.Tensor), HtmlFormatter.MimeType, PlainTextFormatter.MimeType);
        kernel.AddMiddleware(async (command, context, next) =>
        {
            if (command is SubmitCode)
                new Interrupt(context.CancellationToken).Begin();
            await next(command, context);
        }, nameof(WorkbenchExtension));
    }
}
