using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Claims;

/// <summary>What the stored runs say on a claim; the rules stand in docs/claims.md.</summary>
public enum Verdict
{
    /// <summary>The figures are on the claim's side.</summary>
    Held,

    /// <summary>They are on the other side.</summary>
    NotHeld,

    /// <summary>They are on neither.</summary>
    Undecided,

    /// <summary>Some of the runs have not ended.</summary>
    NotRun,

    /// <summary>The runs are there, but something else is not.</summary>
    NotComputed,

    /// <summary>It is not decided by runs.</summary>
    Elsewhere,
}

/// <summary>A claim of the paper with its test, which is written down in docs/claims.md.</summary>
internal sealed record PaperClaim
{
    /// <summary>Its number there: <c>2b</c>.</summary>
    public required string Number { get; init; }

    /// <summary>What the paper says.</summary>
    public required string Statement { get; init; }

    /// <summary>What is computed, in a line.</summary>
    public required string Test { get; init; }

    /// <summary>The runs that it is computed from; none for a claim that is decided elsewhere.</summary>
    public IReadOnlyList<ClaimRuns> Needs { get; init; } = [];

    /// <summary>Runs that those choose, once they have ended; such a claim is decided in parts as runs end.</summary>
    public Func<ClaimEvidence, IReadOnlyList<ClaimRuns>>? Next { get; init; }

    /// <summary>Id of the table that it is shown beside, where that is not the one whose rows it needs.</summary>
    public string? Beside { get; init; }

    /// <summary>Whether an interval decides it that is planned at this scale; such claims are judged together as well.</summary>
    public bool IsByInterval { get; init; }

    /// <summary>Where the verdict stands that no run decides.</summary>
    public string? DecidedIn { get; init; }

    /// <summary>The test itself.</summary>
    internal Func<ClaimEvidence, ClaimFinding>? Decide { get; init; }
}

/// <summary>Rows of a table that a claim needs.</summary>
/// <param name="Table">The table.</param>
/// <param name="Rows">The rows; none for all of them.</param>
/// <param name="Settings">Changes to each of them, as <c>key=value</c>.</param>
internal sealed record ClaimRuns(Table Table, IReadOnlyList<Row> Rows, IReadOnlyList<string> Settings)
{
    /// <summary>Seeds of each row, from 1 on, where the claim's test says how many; null for as many as are asked for.</summary>
    public int? Seeds { get; init; }

    /// <summary>The first seed that counts, where those before it only chose what is needed.</summary>
    public int FirstSeed { get; init; } = 1;

    /// <summary>Whether they stand beside the claim's own rows only, so that their table does not decide it.</summary>
    public bool ForComparison { get; init; }
}
