namespace ArTar.Cli.Sweeps;

/// <summary>What never changes about a sweep once it is submitted: <c>sweep.json</c>.</summary>
internal sealed record SweepHeader : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Require(Engine is "local" or "slurm", "engine: expected local or slurm");
        StoredValue.Require(Token?.Length <= 32 && Token.All(char.IsAsciiHexDigitLower), "token: expected hex digits");
    }

    /// <summary>What was asked for, with its name.</summary>
    public required SweepSpec Spec { get; init; }

    /// <summary>Where it is trained: <c>local</c> or <c>slurm</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>When it was submitted, UTC.</summary>
    public required DateTime Submitted { get; init; }

    /// <summary>Version and commit of the workbench.</summary>
    public required string Workbench { get; init; }

    /// <summary>A word of its own, by which the sweep's jobs are told from those of others.</summary>
    public required string Token { get; init; }
}
