namespace ArTar.Workbench.Output;

/// <summary>A column of a <see cref="Sheet"/>.</summary>
/// <param name="Header">Its name, as people read it.</param>
/// <param name="Words">Words stand to the left, figures to the right.</param>
/// <param name="Priority">0 stays; where there is little room the highest goes first.</param>
internal sealed record Column(string Header, bool Words = false, int Priority = 0)
{
    /// <summary>The name that it is chosen by: <c>gain_percent</c>; the header where nothing else is said.</summary>
    public string Key { get; init; } = Header;

    /// <summary>+1 where the highest figure is the best, -1 where the lowest is, 0 where none is.</summary>
    public int Best { get; init; }

    /// <summary>Holds names that are printed as code.</summary>
    public bool IsCode { get; init; }
}
