namespace ArTar.Workbench;

/// <summary>
/// The wish of whoever hosts a piece of code, a notebook's cell say, that it stop. Calls that take long are given
/// <see cref="Token"/> and check it at every step; without a host it is a token that is never cancelled.
/// </summary>
/// <param name="token">Cancelled when the host wants the code to stop.</param>
public sealed class Interrupt(CancellationToken token)
{
    // Flows into whatever the hosted code starts, and into nothing else: two cells never see each other's token.
    private static readonly AsyncLocal<Interrupt?> current = new();

    /// <summary>Whether the code has asked for its token: it will probably stop by itself, so that the host can be patient.</summary>
    public bool IsHeeded { get; private set; }

    /// <summary>The token of the code that is running: <c>trainer.Run(…, Interrupt.Token)</c>.</summary>
    public static CancellationToken Token => current.Value?.Heed() ?? CancellationToken.None;

    /// <summary>Makes this the interrupt of all that the caller runs and starts from here on.</summary>
    public void Begin() => current.Value = this;

    private CancellationToken Heed()
    {
        IsHeeded = true;
        return token;
    }
}
