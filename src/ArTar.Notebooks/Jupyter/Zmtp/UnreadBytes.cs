namespace ArTar.Notebooks.Jupyter.Zmtp;

/// <summary>How much is kept of what strangers have sent: anybody on this machine can reach a kernel's ports.</summary>
internal sealed class UnreadBytes
{
    /// <summary>Bytes of one frame: no cell is larger.</summary>
    public const int MostOfFrame = 8 << 20;

    /// <summary>Bytes of all frames of one message.</summary>
    public const int MostOfMessage = 16 << 20;

    /// <summary>Frames of one message.</summary>
    public const int MostFrames = 64;

    /// <summary>Bytes of all messages that are not complete or not checked yet, of all connections together.</summary>
    public const int MostOfAll = 32 << 20;

    private long taken;

    /// <summary>Counts bytes before they are kept; false, and nothing is counted, where they would be too many.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref taken, bytes) <= MostOfAll)
            return true;
        Interlocked.Add(ref taken, -bytes);
        return false;
    }

    /// <summary>Counts bytes as no longer kept.</summary>
    public void GiveBack(long bytes) => Interlocked.Add(ref taken, -bytes);
}
