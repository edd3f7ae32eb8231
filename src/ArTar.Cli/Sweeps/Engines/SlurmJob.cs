namespace ArTar.Cli.Sweeps;

/// <summary>An array that was submitted, or was about to be when the submitting process ended.</summary>
internal sealed record SlurmJob : IJsonOnDeserialized
{
    private const int MostTasks = 10_000_000;

    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Require(Id is null || Id.Length is > 0 and <= 20 && Id.All(char.IsAsciiDigit), "id: expected the number of a job");
        StoredValue.Require(Name?.Length is > 0 and <= 255 && Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'),
            "name: expected the name of a job");
        StoredValue.Within(Offset, 0, 10_000_000);
        StoredValue.Require(Tasks is not null && JobScript.Numbers(Tasks).Take(MostTasks).Count() < MostTasks,
            "tasks: expected numbers of tasks");
    }

    public required string Name { get; init; }
    public string? Id { get; init; }
    public required int Offset { get; init; }
    public required string Tasks { get; init; }
    public required IReadOnlyList<string> Options { get; init; }

    /// <summary>Whether it stands in for tasks that were lost, unasked by a person.</summary>
    public bool Renews { get; init; }

    /// <summary>When it was submitted, by the clock of the disk.</summary>
    [JsonIgnore]
    public DateTime Submitted { get; init; }

    public IEnumerable<int> RowsIn(Sweep sweep) =>
        JobScript.Numbers(Tasks).Where(task => Offset + task <= sweep.Rows.Count).SelectMany(task => sweep.TaskOf(Offset + task));
}
