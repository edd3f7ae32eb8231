using ArTar.Workbench.Display;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;
using TorchSharp;
using HtmlFormatter = Microsoft.DotNet.Interactive.Formatting.HtmlFormatter;

namespace ArTar.Workbench.Interactive;

/// <summary>
/// What .NET Interactive does for the workbench when a notebook refers to this package: libtorch loads, tensors show their values, progress
/// is one output that changes, and cancelling a cell stops the library's long calls within a step. Bare charts are Plotly.NET.Interactive's
/// matter, data frames that of their own package; the workbench's types are known by their attribute.
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
            {
                new Interrupt(context.CancellationToken).Begin();
                ProgressLine.ShowBy(new OneOutput(context).Show);
            }
            await next(command, context);
        }, nameof(WorkbenchExtension));
    }

    /// <summary>A progress line as one output that changes: of what is printed this host keeps every step.</summary>
    private sealed class OneOutput(KernelInvocationContext context)
    {
        private DisplayedValue? shown;

        public void Show(string text, bool isFinished)
        {
            if (shown is null)
                shown = KernelInvocationContextExtensions.Display(context, text, PlainTextFormatter.MimeType);
            else
                shown.Update(text);
            if (isFinished)
                shown = null;
        }
    }
}
