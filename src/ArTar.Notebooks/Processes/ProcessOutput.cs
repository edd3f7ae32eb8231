namespace ArTar.Notebooks.Processes;

/// <summary>Reads what the process of the cells writes past its console, and finds in it where each cell ends.</summary>
internal sealed class ProcessOutput
{
    private readonly byte[] mark;
    private readonly Action<string> written;
    private readonly Lock gate = new();
    private TaskCompletionSource marked = NewMark();

    /// <param name="stream">The process's standard output or error.</param>
    /// <param name="mark">What it writes when a cell has ended.</param>
    /// <param name="written">Told everything else, from one thread.</param>
    public ProcessOutput(Stream stream, string mark, Action<string> written)
    {
        (this.mark, this.written) = (Encoding.ASCII.GetBytes(mark), written);
        Ended = Task.Factory.StartNew(() => Read(stream), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Completes when the process has closed the stream.</summary>
    public Task Ended { get; }

    /// <summary>Completes at the next mark, also one that has come already.</summary>
    public async Task NextMarkAsync(TimeSpan patience)
    {
        Task next;
        lock (gate)
            next = marked.Task;
        await Task.WhenAny(next, Ended, Task.Delay(patience));
        lock (gate)
            marked = NewMark();
    }

    private static TaskCompletionSource NewMark() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Read(Stream stream)
    {
        var decoder = Encoding.UTF8.GetDecoder();
        var kept = new List<byte>();
        var buffer = new byte[1 << 16];
        void Tell(int count)
        {
            var characters = new char[Encoding.UTF8.GetMaxCharCount(count)];
            var length = decoder.GetChars([.. kept[..count]], characters, flush: false);
            kept.RemoveRange(0, count);
            if (length > 0)
                written(new string(characters, 0, length));
        }
        while (Next(stream, buffer) is > 0 and var read)
        {
            kept.AddRange(buffer.AsSpan(0, read));
            while (System.Runtime.InteropServices.CollectionsMarshal.AsSpan(kept).IndexOf(mark) is >= 0 and var at)
            {
                Tell(at);
                kept.RemoveRange(0, mark.Length);
                lock (gate)
                    marked.TrySetResult();
            }
            // The mark may come in two pieces.
            var open = Math.Min(kept.Count, mark.Length - 1);
            while (open > 0 && !System.Runtime.InteropServices.CollectionsMarshal.AsSpan(kept)[^open..].SequenceEqual(mark.AsSpan(0, open)))
                open--;
            Tell(kept.Count - open);
        }
        Tell(kept.Count);
    }

    private static int Next(Stream stream, byte[] buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
