using ArTar.Workbench.Data;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// A split that lies on a device as a whole, in the windows of <see cref="Windows"/>: a window that came from the processor at every step
/// would make both wait for each other.
/// </summary>
internal sealed class DeviceText : IDisposable
{
    private readonly Windows windows;
    private readonly Tensor columns; // [L, B], int64: one column of the text each

    /// <summary>Cuts a split as <see cref="Windows"/> does, and brings it to the device.</summary>
    public DeviceText(ReadOnlyMemory<int> tokens, int batchSize, int length, int vocabulary, Device device)
    {
        windows = new(tokens, batchSize, length);
        var (B, L) = (windows.BatchSize, windows.ColumnLength);
        using var scope = NewDisposeScope();
        var ids = new long[L * B];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = tokens.Span[i];
        Window.RequireWords(ids, vocabulary);
        columns = tensor(ids, [B, L], device: device).t().contiguous().DetachFromDisposeScope();
    }

    /// <summary>The number of windows.</summary>
    public int Count => windows.Count;

    /// <summary>How many targets all windows hold together.</summary>
    public long PredictedTokens => windows.PredictedTokens;

    /// <summary>A window's words and the words that follow them, [T, B] each, int64.</summary>
    public (Tensor Inputs, Tensor Targets) this[int index]
    {
        get
        {
            var start = index * windows.Length;
            var steps = Math.Min(windows.Length, windows.ColumnLength - 1 - start);
            return (columns.narrow(0, start, steps), columns.narrow(0, start + 1, steps));
        }
    }

    public void Dispose() => columns.Dispose();
}
