using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ArTar.Tests.Files;
using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;
using ArTar.Cli.Sweeps;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;
using TorchSharp;

namespace ArTar.Tests.Fuzzing;

/// <summary>Damaged files of every kind that is read.</summary>
[Collection(TorchTests.Name)]
public sealed class FuzzTests(ITestOutputHelper output) : IDisposable
{
    private const double Share = 1.0 / 12; // of these nine and the three of notebooks
    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Checkpoints()
    {
        using (var trainer = Small.Trainer(Small.Values with { Hidden = 4 }))
        {
            trainer.RunTo(25);
            trainer.Save(folder["good"]);
        }
        var good = File.ReadAllBytes(folder["good"]);
        var artar = new SafeTensorsFile(good).Artar.ToJsonString();
        Fuzz.Run(output, Share, random =>
        {
            var file = new SafeTensorsFile(good);
            switch (random.Next(3))
            {
                case 0:
                    file.Header["__metadata__"]!["artar"] = Mutation.OfJson(artar, random);
                    File.WriteAllBytes(folder["bad"], file.ToBytes());
                    break;
                case 1:
                    File.WriteAllBytes(folder["bad"], file.ToBytes(Mutation.OfJson(file.Header.ToJsonString(), random)));
                    break;
                default:
                    File.WriteAllBytes(folder["bad"], Mutation.Of(random.Next(2) == 0 ? good : file.ToBytes(), [good], random));
                    break;
            }
            using var checkpoint = Checkpoint.Load(folder["bad"]);
            using var model = checkpoint.BuildModel(torch.CPU);
            using var state = checkpoint.CarriedState(torch.CPU);
        });
    }

    [Theory]
    [InlineData("configuration.json")]
    [InlineData("summary.json")]
    [InlineData("metrics.jsonl")]
    public void Stored_runs(string name)
    {
        var store = new RunStore(folder["runs"]);
        var plan = FakedRuns.Plan(1, Small.Corpus(), rows: ["alpha=2"]);
        FakedRuns.Write(store, plan, (_, _) => 200);
        var run = store.All().Single();
        string[] names = ["configuration.json", "summary.json", "metrics.jsonl"];
        var good = names.ToDictionary(n => n, n => File.ReadAllBytes(Path.Combine(run.Folder, n)));
        Fuzz.Run(output, Share, random =>
        {
            File.WriteAllBytes(Path.Combine(run.Folder, name), Changed(good[name], name, [.. good.Values], random));
            if (random.Next(20) == 0) // whatever it holds, tables and figures take it
                Show(plan, store);
            var read = store.Get(run.Id);
            _ = (read.Status, read.ToHtml(), read.ReadSummary()?.ToString(), read.Configuration.Id, read.Configuration.Values.ToHtml(), store.HasEnded(run.Id));
            foreach (var epoch in read.ReadMetrics())
                _ = (epoch.ToString(), epoch.ValidPerplexity);
            if (random.Next(20) == 0) // which waits for the disk
                read.Export(folder["exported"]);
        });
    }

    private void Show(TablePlan plan, RunStore store)
    {
        var table = TableReport.Build(plan, store);
        foreach (var format in Report.Formats)
            Assert.NotEmpty(Report.As(format, [TableDocument.Report(table)], siunitx: true));
        foreach (var figure in Workbench.Figures.StoredFigures.Of(plan, store, corpus: null))
            Workbench.Figures.FigureFile.Write(figure, folder["figure.json"]);
    }

    [Fact]
    public void Sweeps()
    {
        var workspace = new Workspace(folder.Path);
        var sweep = Sweep.Create(workspace, new()
        {
            Name = "good", Tables = ["1"], Rows = ["alpha=0", "alpha=2"], Data = "synthetic", Resources = new() { Threads = 1 }, Slurm = new() { Setup = ["module load x"], Options = ["--qos=a"], Time = "1:00:00" },
        }, "local");
        string[] names = ["sweep.json", "rows.jsonl", "tables.json", "signature", "supervisor.json"];
        File.WriteAllText(Path.Combine(sweep.Folder, "supervisor.json"), """{"machine":"n1 x","process":5,"started":"2026-01-01T00:00:00Z"}""");
        sweep.Attempts.Begin(1, null);
        var good = names.ToDictionary(n => n, n => File.ReadAllBytes(Path.Combine(sweep.Folder, n)));
        Fuzz.Run(output, Share, random =>
        {
            var name = names[random.Next(random.Next(3) == 0 ? names.Length : 3)];
            foreach (var (other, bytes) in good.Where(g => g.Key != name))
                File.WriteAllBytes(Path.Combine(sweep.Folder, other), bytes);
            File.WriteAllBytes(Path.Combine(sweep.Folder, name), Changed(good[name], name, [.. good.Values], random));
            var read = Sweep.Get(workspace, "good");
            Assert.False(read.IsOwn && name is "sweep.json" or "rows.jsonl" or "tables.json" && !File.ReadAllBytes(Path.Combine(sweep.Folder, name)).SequenceEqual(good[name]));
            var state = SweepState.Read(read, new LocalEngine(new("artar", [])));
            _ = (state.IsOver, state.IsOverBudget, read.Header.Spec.ToString(), JobScript.Text(read, new("artar", []), 0), JobScript.Options(read, "x", [1], 0));
            foreach (var plan in read.Plans)
                _ = (plan.Planned.Count(), plan.Table.Name);
            for (var row = 1; row <= read.Rows.Count; row++)
                _ = read.ConfigurationOf(row).Id;
        });
    }

    [Fact]
    public void Specs()
    {
        string[] sentences = ["all tables, 5 seeds, profile baseline", "alpha=0|1|2, beta=0|1, 3 seeds", "learningRate=1.0..30.0:log, dropout=0.1..0.6, 20 samples", "table 1 and 2, data ptb, epochs=3"];
        const string file = """
            {"tables": [1, 2], "seeds": 3, "profile": "laptop", "set": {"epochs": 20}, "budget": {"runs": 20, "hours": 12}, "resources": {"threads": 2, "retries": 3},
            "slurm": {"partition": "main", "time": "04:00:00", "atOnce": 20, "signalBefore": 60, "options": ["--qos=long"], "setup": ["module load dotnet"]}}
            """;
        const string grid = """{"axes": {"alpha": [0, 1, 2], "beta": [0, 1]}, "baseline": {"alpha": 0, "beta": 0}, "seeds": 2, "name": "grid"}""";
        const string random = """{"random": {"alpha": {"from": 1, "to": 4, "log": true}, "hidden": {"from": 8, "to": 64, "whole": true}}, "samples": 5, "searchSeed": 2, "cited": [{"label": "x", "parameters": "20M", "test": 80}]}""";
        var good = sentences.Append(file).Append(grid).Append(random).Select(Encoding.UTF8.GetBytes).ToList();
        Fuzz.Run(output, Share, draw =>
        {
            var text = draw.Next(3) switch
            {
                0 => Mutation.OfJson(draw.Next(3) switch { 0 => file, 1 => grid, _ => random }, draw),
                _ => Encoding.UTF8.GetString(Mutation.Of(good[draw.Next(good.Count)], good, draw)),
            };
            var spec = SpecReader.Read(text);
            _ = (spec.ToString(), JsonSerializer.Serialize(spec, Json.Indented), spec.Name is null ? "" : SweepName.Checked(spec.Name));
            SlurmTime.Require(spec.Slurm);
            if (spec.OwnTable is { } own) // what was understood once is what the stored sweep says, too
                Assert.Equal(own.Rows.Select(r => (r.Id, string.Join(' ', r.Settings))), Stored(spec).Rows.Select(r => (r.Id, string.Join(' ', r.Settings))));
        });
    }

    private static Table Stored(SweepSpec spec)
    {
        try
        {
            return JsonSerializer.Deserialize<SweepSpec>(JsonSerializer.Serialize(spec, Json.Compact), Json.Compact)!.OwnTable!;
        }
        catch (WorkbenchException e)
        {
            throw new InvalidOperationException(e.Message, e); // that would not count as a text that is refused
        }
    }

    [Fact]
    public void Tables()
    {
        var good = Directory.GetFiles(Path.Combine(TestData.Repository, "tables"), "*.yaml").Select(File.ReadAllBytes).ToList();
        Fuzz.Run(output, Share, random =>
        {
            var table = Table.Parse(Encoding.UTF8.GetString(Mutation.Of(good[random.Next(good.Count)], good, random)));
            _ = (table.Name, table.Id, table.Axes.Count, table.Rows.Select(r => r.Label).ToList());
            Assert.DoesNotContain('/', table.Id);
        });
    }

    [Fact]
    public void Archives()
    {
        (string Name, byte[] Bytes)[] files = [.. new[] { "toy.train.txt", "toy.valid.txt", "toy.test.txt" }.Select((name, i) => (name, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"a word {i}\n", 30)))))];
        var info = new CorpusInfo("toy", "Toy", [.. files.Select(f => new CorpusFile(f.Name, f.Bytes.Length, Convert.ToHexStringLower(SHA256.HashData(f.Bytes))))], [], (0, 0, 0, 0));
        byte[] Zip()
        {
            using var memory = new MemoryStream();
            using (var zip = new ZipArchive(memory, ZipArchiveMode.Create))
                foreach (var (name, bytes) in files)
                    using (var entry = zip.CreateEntry($"data/{name}").Open())
                        entry.Write(bytes);
            return memory.ToArray();
        }
        byte[] Tar()
        {
            using var memory = new MemoryStream();
            using (var tar = new TarWriter(memory))
                foreach (var (name, bytes) in files)
                    tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"data/{name}") { DataStream = new MemoryStream(bytes) });
            return memory.ToArray();
        }
        byte[] Packed(byte[] bytes)
        {
            using var memory = new MemoryStream();
            using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
                gzip.Write(bytes);
            return memory.ToArray();
        }
        var tarball = Tar();
        byte[][] good = [Zip(), tarball, Packed(tarball)];
        Fuzz.Run(output, Share, random =>
        {
            var bad = random.Next(4) == 0 ? Packed(Mutation.Of(tarball, good, random)) : Mutation.Of(good[random.Next(good.Length)], good, random);
            File.WriteAllBytes(folder["archive"], bad);
            var target = Directory.CreateDirectory(folder["unpacked"]).FullName;
            new Unpacker(info, folder["archive"], target, null, default).Run();
            Assert.Empty(Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Except(files.Select(f => f.Name)));
        });
    }

    private static byte[] Changed(byte[] good, string name, IReadOnlyList<byte[]> others, Random random)
    {
        if (random.Next(2) == 0 || !name.Contains(".json", StringComparison.Ordinal))
            return Mutation.Of(good, others, random);
        var lines = name.EndsWith('l') ? Encoding.UTF8.GetString(good).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [Encoding.UTF8.GetString(good)];
        var at = random.Next(lines.Length);
        return Encoding.UTF8.GetBytes(string.Join('\n', lines.Select((l, i) => i == at ? Mutation.OfJson(l, random) : l)) + "\n");
    }
}
