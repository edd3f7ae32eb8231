using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;

namespace ArTar.Workbench.Figures;

/// <summary>
/// A browser's process, and the two pipes that it is driven over: a port could be reached by anybody on the machine. A message is a text
/// with a zero byte behind it.
/// </summary>
internal sealed class BrowserPipe : IDisposable
{
    // The browser reads from descriptor 3 and writes to 4; .NET hands a process 0 to 2 only, and a shell moves them.
    private const string Move = "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null";

    private readonly Stream commands, answers;
    private readonly MemoryStream begun = new();
    private readonly byte[] buffer = new byte[1 << 16];
    private ReadOnlyMemory<byte> unread;

    /// <summary>Starts the browser.</summary>
    /// <exception cref="Win32Exception">It does not start.</exception>
    public BrowserPipe(string program, IReadOnlyList<string> flags)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (!File.Exists(program))
                throw new Win32Exception(2, "there is no such file");
            Process = Started("/bin/sh", ["-c", Move, "sh", program, "--remote-debugging-pipe", .. flags]);
            (commands, answers) = (Process.StandardInput.BaseStream, Process.StandardOutput.BaseStream);
            return;
        }
        var to = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        var from = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        (commands, answers) = (to, from);
        try
        {
            var handles = $"--remote-debugging-io-pipes={to.GetClientHandleAsString()},{from.GetClientHandleAsString()}";
            Process = Started(program, ["--remote-debugging-pipe", handles, .. flags]);
            _ = Process.StandardOutput.ReadToEndAsync(); // a full pipe would stop it
        }
        finally
        {
            to.DisposeLocalCopyOfClientHandle();
            from.DisposeLocalCopyOfClientHandle();
        }
    }

    /// <summary>The browser.</summary>
    public Process Process { get; }

    /// <summary>Sends a message.</summary>
    public async Task SendAsync(byte[] message, CancellationToken stop)
    {
        await commands.WriteAsync((byte[])[.. message, 0], stop);
        await commands.FlushAsync(stop);
    }

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="EndOfStreamException">The browser is gone.</exception>
    public async Task<byte[]> ReceiveAsync(CancellationToken stop)
    {
        while (true)
        {
            if (unread.Span.IndexOf((byte)0) is >= 0 and var end)
            {
                begun.Write(unread.Span[..end]);
                unread = unread[(end + 1)..];
                var message = begun.ToArray();
                begun.SetLength(0);
                return message;
            }
            begun.Write(unread.Span);
            // Not every system can break off reading from a pipe; whoever stops waiting ends the browser.
            var read = await answers.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(stop);
            unread = buffer.AsMemory(0, read);
            if (read == 0)
                throw new EndOfStreamException("The browser closed its pipe.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        commands.Dispose();
        answers.Dispose();
        Process.Dispose();
    }

    private static Process Started(string program, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
