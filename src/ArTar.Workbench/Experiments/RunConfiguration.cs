using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using ArTar.Workbench.Data;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Experiments;

/// <summary>What is trained on what. Two rows of the same configuration, also of different tables, are one run.</summary>
public sealed record RunConfiguration
{
    /// <summary>Name or folder of the data set.</summary>
    public required string Data { get; init; }

    /// <summary>Content hash of the data set.</summary>
    public required string DataHash { get; init; }

    /// <summary>Profile that the values come from, for people; it is no part of the identity.</summary>
    public required string Profile { get; init; }

    /// <summary>All values, the seed among them.</summary>
    public required HyperParameters Values { get; init; }

    /// <summary>Name of the run and of its folder: readable parts, then a hash over every value and the data.</summary>
    [JsonIgnore]
    public string Id
    {
        get
        {
            var identity = $"{DataHash}\n{string.Join('\n', Values.Changes())}";
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..8];
            var data = string.Concat(Path.GetFileName(Data).ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'));
            var penalties = string.Concat(Values.Regularization.Where(c => c.Value != 0).Select(c => FormattableString.Invariant($"-{c.Key}{c.Value}")));
            return $"{data}-{Values.Cell.ToString().ToLowerInvariant()}{Values.Hidden}{penalties}-seed{Values.Seed}-{hash}";
        }
    }

    /// <summary>Resolves a row: the profile's values, then what the row changes, then the user's settings, then the seed.</summary>
    /// <param name="row">A row of a table.</param>
    /// <param name="profile">The scale.</param>
    /// <param name="corpus">The data set to train on.</param>
    /// <param name="settings">The user's changes, each <c>key=value</c>.</param>
    /// <param name="seed">The seed.</param>
    public static RunConfiguration For(Row row, Profile profile, CorpusFacts corpus, IEnumerable<string> settings, int seed)
    {
        string Size(string name) => profile.Sizes.GetValueOrDefault(name) ?? throw new WorkbenchException(
            $"size={name}: profile {profile.Name} has no such size, only {string.Join(", ", profile.Sizes.Keys)}.");
        var changes = row.Settings.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(s => s.StartsWith("size=", StringComparison.Ordinal) ? Size(s["size=".Length..]).Split(' ') : [s]);
        var values = profile.Values.With(changes).With(settings) with { Seed = seed };
        return new() { Data = corpus.Name, DataHash = corpus.Hash, Profile = profile.Name, Values = values.Validated() };
    }
}
