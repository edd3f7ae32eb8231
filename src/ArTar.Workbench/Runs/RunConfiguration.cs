using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>What is trained on what. Two rows of the same configuration, also of different tables, are one run.</summary>
public sealed record RunConfiguration : IJsonOnDeserialized
{
    /// <summary>Name or folder of the data set.</summary>
    public required string Data { get; init; }

    /// <summary>Content hash of the data set.</summary>
    public required string DataHash { get; init; }

    /// <summary>Profile that the values come from, for people; it is no part of the identity.</summary>
    public required string Profile { get; init; }

    /// <summary>All values, the seed among them.</summary>
    public required HyperParameters Values { get; init; }

    // A folder's name has at most 255 characters; what is cut off is in the hash.
    private const int LongestParts = 200;

    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.DataName(Data);
        StoredValue.Hash(DataHash);
    }

    /// <summary>Name of the run and of its folder: readable parts, then a hash over every value and the data.</summary>
    [JsonIgnore]
    public string Id
    {
        get
        {
            var identity = $"{DataHash}\n{string.Join('\n', Values.Changes())}";
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..8];
            var data = string.Concat(Path.GetFileName(Data).ToLowerInvariant()
                .Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'));
            var penalties = string.Concat(Values.Regularization.Where(c => c.Value != 0)
                .Select(c => FormattableString.Invariant($"-{c.Key}{c.Value}")));
            var techniques = string.Concat(HyperParameter.Techniques.Where(p => !p.IsOff(Values))
                .Select(p => $"-{p.Key}{(p.IsNumber ? p.Text(Values) : "")}"));
            var parts = FormattableString.Invariant(
                $"{data}-{Values.Cell.ToString().ToLowerInvariant()}{Values.Hidden}{penalties}{techniques}");
            return FormattableString.Invariant($"{(parts.Length > LongestParts ? parts[..LongestParts] : parts)}-seed{Values.Seed}-{hash}");
        }
    }
}
