using System.Globalization;
using ArTar.Tests.Claims;
using ArTar.Tests.Tables;
using ArTar.Workbench.Claims;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Models;

namespace ArTar.Tests.CommandLine;

/// <summary>The command over faked runs, as a whole. In the collection because regularizers belong to the process.</summary>
[Collection(TorchTests.Name)]
public sealed class ClaimsTests
{
    [Fact]
    public void The_command_prints_and_writes_what_is_verified()
    {
        using var artar = new Artar();
        var corpus = new SyntheticLanguage().Generate().Facts;
        var plans = PaperClaims.All.Where(c => c.Number != "5").SelectMany(c => c.Needs)
            .Select(need => TablePlan.For(need.Table, Profile.Get("smoke"), corpus, [.. need.Rows.Select(r => r.Id)], need.Settings, 2)).ToList();
        var store = new RunStore(artar.Runs);
        foreach (var configuration in plans.SelectMany(p => p.Runs).DistinctBy(c => c.Id).Where(c => c.Values is not { Hidden: 24, Seed: 2 }))
        {
            var values = configuration.Values;
            var (alpha, beta) = (values.Regularization.GetValueOrDefault("alpha"), values.Regularization.GetValueOrDefault("beta"));
            var valid = 200 + values.Seed - 3 * Math.Sqrt(alpha) - 2 * Math.Sqrt(beta) + alpha * beta + (values.Cell == Cell.Tanh && alpha == 0 ? 100 : 0);
            var summary = values is { Cell: Cell.Gru, Seed: 2 } && alpha > 0 ? StoredClaims.Ended(RunStatus.Diverged) : StoredClaims.Finished(valid, valid - 10);
            FakedRuns.Write(store, configuration, summary, values.Cell == Cell.Tanh ? new() { Multiple = 0.2, Distance = 0.9 - 0.1 * beta - 0.001 * beta * values.Seed, DiagonalMass = 0.1 } : null);
        }
        File.WriteAllText(Path.Combine(artar.Home, "ArTar.Workbench.csproj"), "");
        var page = Path.Combine(Directory.CreateDirectory(Path.Combine(artar.Home, "docs")).FullName, "claims.md");
        const string begin = "<!-- computed by artar claims --profile smoke --write-docs: from here -->", end = "<!-- to here -->";
        // Another scale's figures have their own marks, and stay.
        var before = $"<!-- computed by artar claims --write-docs: from here -->\nlaptop's\n{end}";
        File.WriteAllText(page, $"{before}\n\n{begin}\nold\n{end}\n\nafter\n");

        string[] command = ["claims", "--profile", "smoke", "--seeds", "2"];
        var said = artar.Run([.. command, "--format", "markdown", "--write-docs"]);
        var list = Path.Combine(artar.Home, "results", "claims-smoke.md");
        Assert.Equal((0, $"Written: {page} and {list}\n"), (said.Code, said.Errors));
        Assert.Equal(said.Output, File.ReadAllText(list));
        // The page has the table, and says where the rest stands.
        var brief = said.Output[..said.Output.IndexOf("\n### 1.", StringComparison.Ordinal)]
            + "\nFigures by seed, runs and commands of each claim: [claims-smoke.md](../results/claims-smoke.md).\n";
        Assert.Equal($"{before}\n\n{begin}\n\n{brief}\n{end}\n\nafter\n", File.ReadAllText(page));
        // After a change that is meant: read the new output, then copy it there.
        var verified = Path.Combine(TestData.Repository, "tests", "ArTar.Tests", "CommandLine", "claims.verified.md");
        Assert.Equal(File.ReadAllText(verified), said.Output);

        // Twice the same, and without the marks nothing is touched.
        artar.Run([.. command, "--write-docs"]);
        Assert.Equal($"{before}\n\n{begin}\n\n{brief}\n{end}\n\nafter\n", File.ReadAllText(page));
        File.WriteAllText(page, "no marks");
        said = artar.Run([.. command, "--write-docs"]);
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.Matches("lacks the marks", said.Errors);
        Assert.Equal("no marks", File.ReadAllText(page));

        // The formats for programs agree with each other; the terminal's fits.
        var json = System.Text.Json.Nodes.JsonNode.Parse(artar.Run([.. command, "--format", "json"]).Output)!["claims"]!.AsArray();
        Assert.Equal(PaperClaims.All.Select(c => c.Number), json.Select(c => c!["claim"]!.GetValue<string>()));
        var csv = artar.Run([.. command, "--format", "csv"]).Output.Split('\n');
        Assert.Equal(json.Sum(c => Math.Max(1, c!["seeds"]!.AsArray().Count)) + 1, csv.Length - 1);
        Assert.Contains(json[0]!["interval"]!["mean"]!.GetValue<double>().ToString("R", CultureInfo.InvariantCulture), csv[1], StringComparison.Ordinal);
        said = Artar.Finish(artar.Start(command, ("COLUMNS", "80")));
        // A list of rows that is longer than a line stays one word, so that it can be copied.
        Assert.All(said.Output.Split('\n'), line => Assert.True(line.Length <= 80 || !line.Trim().Contains(' ', StringComparison.Ordinal), line));
        Assert.Contains(said.Output.Split('\n'), line => line.Length > 80);
        Assert.Matches(@"(?m)^3b  the .* held +2 of 2 seeds for it, 0 against", said.Output);
        Assert.Contains("- 4: 2 of 12 runs missing. Train them: artar table 3 --profile smoke --seeds 2\n", said.Output, StringComparison.Ordinal);

        // A folder whose name a shell would read otherwise stands quoted in each command.
        var own = Path.Combine(artar.Home, "it's; a `b`");
        Directory.CreateDirectory(own);
        foreach (var split in new[] { "train", "valid", "test" })
            File.WriteAllText(Path.Combine(own, $"{split}.txt"), string.Concat(Enumerable.Repeat("one two three\n", 200)));
        var commands = System.Text.Json.Nodes.JsonNode.Parse(artar.Run([.. command, "--data", own, "--format", "json"]).Output)!["claims"]![0]!["commands"]!;
        Assert.Equal($"artar table 1 --profile smoke --data {Cli.Shell.Quoted(own)} --seeds 2", commands[0]!.GetValue<string>());
        Assert.Contains(@"it'\''s; a `b`'", commands[0]!.GetValue<string>(), StringComparison.Ordinal);

        said = artar.Run("claims", "--seeds", "1");
        Assert.Equal(2, said.Code);
        Assert.StartsWith("--seeds 1: expected a whole number from 2 to 31, as one seed has no interval.\n", said.Errors, StringComparison.Ordinal);
    }
}
