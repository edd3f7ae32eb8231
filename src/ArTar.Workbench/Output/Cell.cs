namespace ArTar.Workbench.Output;

/// <summary>
/// A cell of a <see cref="Sheet"/>: words, or a figure that can be rounded and compared. Writers escape the text, callers do not.
/// </summary>
/// <param name="Text">What is printed; empty where there is nothing to say.</param>
internal readonly record struct Cell(string Text)
{
    /// <summary>The figure; null for words.</summary>
    public double? Mean { get; private init; }

    /// <summary>Its standard deviation over seeds; null where there is one seed.</summary>
    public double? Deviation { get; private init; }

    /// <summary>Whether a plus stands before it: a gain.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>Stands back where the rest of its row does not.</summary>
    public bool IsMuted { get; init; }

    /// <summary>An address that the text leads to, where a link can be; null for none.</summary>
    public string? Link { get; init; }

    /// <summary>Words.</summary>
    public static implicit operator Cell(string text) => new(text);

    /// <summary>A whole number.</summary>
    public static implicit operator Cell(int number) => new(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A perplexity, or a difference of two, over seeds; an empty cell where there is none.</summary>
    public static Cell Figure(double? mean, double? deviation = null, bool signed = false, int decimals = 2) => mean is not { } m ? new("")
        : new($"{(signed && m >= 0 ? "+" : "")}{Printed.Figure(m, deviation, decimals)}") { Mean = m, Deviation = deviation,
            IsSigned = signed };

    /// <summary>The same figure with so many decimals; words as they are.</summary>
    public Cell Rounded(int decimals) =>
        Mean is null ? this : Figure(Mean, Deviation, IsSigned, decimals) with { IsMuted = IsMuted, Link = Link };
}
