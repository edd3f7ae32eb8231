namespace ArTar.Workbench.Output;

/// <summary>How a row stands out.</summary>
internal enum Tone
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>Stands back: what is cited, lost or waits.</summary>
    Muted,

    /// <summary>Has ended well.</summary>
    Good,

    /// <summary>Failed, diverged or is damaged.</summary>
    Bad,
}
