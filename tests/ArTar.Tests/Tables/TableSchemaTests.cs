using System.Text.Json.Nodes;
using ArTar.Workbench;
using ArTar.Cli.Sweeps;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Tables;

/// <summary>
/// The schema by which an editor completes and checks a table's file. It is made from what the reader knows: run this test with
/// ARTAR_WRITE=1 to write it anew after a key or a hyper-parameter was added.
/// </summary>
public sealed class TableSchemaTests
{
    [Fact]
    public void The_schema_names_every_key_and_every_hyper_parameter()
    {
        var path = Path.Combine(TestData.Repository, "tables", "schema.json");
        var text = Schema().ToJsonString(Json.Indented) + "\n";
        if (Environment.GetEnvironmentVariable("ARTAR_WRITE") == "1")
            File.WriteAllText(path, text);
        Assert.Equal(text, File.ReadAllText(path));
    }

    /// <summary>An editor shows the description of what it completes, and refuses what the reader refuses.</summary>
    [Fact]
    public void Every_value_has_a_description_and_numbers_have_their_range()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(TestData.Repository, "tables", "schema.json")))!;
        var named = 0;
        void Look(JsonNode? node, string path)
        {
            foreach (var (key, value) in (node as JsonObject)?["properties"] as JsonObject ?? [])
            {
                named++;
                Assert.True(value!["$ref"] is not null || value["description"]?.GetValue<string>().Length > 0, $"{path}/{key} has no description");
            }
            foreach (var (key, value) in node as JsonObject ?? [])
                Look(value, $"{path}/{key}");
            foreach (var item in node as JsonArray ?? [])
                Look(item, path);
        }
        Look(schema, "");
        Assert.InRange(named, 100, 1000);
        JsonNode Value(string key) => schema["definitions"]!["set"]!["properties"]![key]!;
        Assert.Equal((1, 8192), (Value("hidden")["minimum"]!.GetValue<int>(), Value("hidden")["maximum"]!.GetValue<int>()));
        Assert.Equal((0, 1), (Value("dropout")["minimum"]!.GetValue<int>(), Value("dropout")["exclusiveMaximum"]!.GetValue<int>()));
        Assert.Contains("default 35 tokens, the public baseline that the paper builds on (assumed)", Value("window")["description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(SweepSpec.MostSeeds, schema["properties"]!["seeds"]!["maximum"]!.GetValue<int>());
    }

    private static JsonObject Schema()
    {
        var values = new JsonObject { ["size"] = Words("one of the profile's sizes", ["small", "medium", "middle", "large"]) };
        foreach (var p in HyperParameter.All.Where(p => p.Key is not ("seed" or "gamma"))) // gamma is another test's own
            values[p.Key] = p.IsNumber ? Ranged(p)
                : p.Choices is ["false", "true"] ? Kind("boolean", About(p)) : Words(About(p), p.Choices);
        string[] keys = [.. values.Select(v => v.Key)];
        var choice = new JsonObject(keys.Select(k => KeyValuePair.Create<string, JsonNode?>(k, Ref($"set/properties/{k}"))))
        {
            ["id"] = Kind("string", "its part of a row's id"), ["label"] = Kind("string", "its part of a row's label"),
        };
        JsonObject By(string about, Func<string, JsonObject> value, IEnumerable<string> of) => new()
        {
            ["description"] = about, ["type"] = "object", ["properties"] = new JsonObject(of.Select(key => KeyValuePair.Create<string, JsonNode?>(key, value(key)))),
        };
        JsonObject Axes(string about) => By(about, key => new()
        {
            ["description"] = values[key]!["description"]!.GetValue<string>(),
            ["oneOf"] = new JsonArray(List(Ref($"set/properties/{key}")), Ref("choices")),
        }, keys).With("additionalProperties", Ref("choices"));
        JsonObject Drawn(string key) => new()
        {
            ["description"] = values[key]!["description"]!.GetValue<string>(),
            ["anyOf"] = new JsonArray(Ref($"set/properties/{key}"), List(Ref($"set/properties/{key}")), Ref("range")),
        };
        var published = new[] { "string", "number" };
        var properties = new JsonObject
        {
            ["number"] = Whole("which of the paper's tables it is, with the same rows", 1, 99),
            ["key"] = Kind("string", "what the command line and files call it; else the file's name"),
            ["title"] = Kind("string", "what it compares, in one line"),
            ["question"] = Kind("string", "the question that it answers"),
            ["data"] = Kind("string", "ptb, wikitext-2, synthetic or a folder; wins over the profile's data set"),
            ["assumed"] = Kind("string", "what is not known for certain, for the legend"),
            ["set"] = new JsonObject
            {
                ["description"] = "values of all rows, by key or as key=value", ["anyOf"] = new JsonArray(Ref("set"), Kind("string"), List(Kind("string"))),
            },
            ["axes"] = Axes("in what the rows differ; the rows are all combinations"),
            ["grid"] = Axes("an older word for axes"),
            ["random"] = By("in place of axes: what is drawn for each row, values or a range", Drawn, keys.Skip(1)).With("additionalProperties", false),
            ["samples"] = Whole("rows that a random search draws", 1, 1_000_000),
            ["searchSeed"] = Whole("another one draws other rows", int.MinValue, int.MaxValue),
            ["baseline"] = Kind("object", "for one axis or more, the choice that a row is compared with")
                .With("additionalProperties", Kinds("", "string", "number", "boolean")),
            ["map"] = new JsonObject
            {
                ["description"] = "which axes run across and up where the table is drawn as a map", ["type"] = "object", ["additionalProperties"] = false,
                ["properties"] = new JsonObject
                {
                    ["x"] = new JsonObject { ["description"] = "one axis or several across", ["anyOf"] = new JsonArray(Kind("string"), List(Kind("string"))) },
                    ["y"] = Kind("string", "the axis up"), ["caption"] = Kind("string", "how to read it"),
                },
            },
            ["gainOver"] = Words("draw the gain over this", [Table.Parameters, .. HyperParameter.All.Where(p => p.IsNumber && p.Key is not ("seed" or "gamma")).Select(p => p.Key)]),
            ["texts"] = Kind("boolean", "whether it shows text drawn from the models"),
            ["cited"] = List(new JsonObject
            {
                ["type"] = "object", ["additionalProperties"] = false, ["required"] = new JsonArray("label"),
                ["properties"] = new JsonObject
                {
                    ["label"] = Kind("string", "authors, year and model"), ["parameters"] = Kinds("as published: 20M", published),
                    ["valid"] = Kinds("validation perplexity as published: 80.10, or 81.9 ± 0.2", published), ["test"] = Kinds("test perplexity as published", published),
                },
            }).With("description", "rows of others, printed as published"),
            ["tables"] = new JsonObject
            {
                ["description"] = "in place of a table of its own: all of the paper's, or some by number or name",
                ["anyOf"] = new JsonArray(Kinds("", "string", "integer"), List(Kinds("", "string", "integer"))),
            },
            ["rows"] = new JsonObject { ["description"] = "ids of some rows, where tables names one", ["anyOf"] = new JsonArray(Kind("string"), List(Kind("string"))) },
            ["profile"] = Words("the scale", [.. Profile.All.Select(p => p.Name)]),
            ["seeds"] = Whole("seeds of each row, from 1 on", 1, SweepSpec.MostSeeds),
            ["name"] = Kind("string", "name of the sweep; else the file's"),
            ["budget"] = Part<SweepBudget>("what a sweep may use", new()
            {
                ["runs"] = Whole("a sweep of more runs is refused", 0, SweepBudget.MostRuns),
                ["hours"] = Number("no row is begun once so many hours of training are used up", SweepBudget.MostHours),
            }),
            ["resources"] = Part<RunResources>("how a sweep trains each row", new()
            {
                ["jobs"] = Whole("rows side by side on this machine; 0 takes one a core, with GPUs one a GPU", 0, RunResources.MostRuns),
                ["threads"] = Whole("threads of each row; 0 takes one", 0, RunResources.MostThreads),
                ["device"] = Kind("string", "cpu, cuda or cuda:1"),
                ["kernels"] = Words("how a step is computed on a CPU", ["fast", "plain"]),
                ["precision"] = Words("how a GPU multiplies", ["tf32", "float32"]),
                ["stack"] = Whole("rows trained together as one job, at most; 0 takes as many as fit on a GPU, on a CPU one", 0, RunResources.MostRuns),
                ["retries"] = Whole("further attempts at a row that failed", 0, RunResources.MostRetries),
                ["checkpointEvery"] = Number("seconds between checkpoints within an epoch", RunResources.LongestTime),
                ["patience"] = Number("seconds without a sign of life after which a process on another machine is taken for dead", RunResources.LongestTime),
            }),
            ["slurm"] = Part<SlurmOptions>("what SLURM is asked for; the rest is left to the cluster", new()
            {
                ["partition"] = Kind("string", "partition"),
                ["time"] = Kinds("time limit of a task, such as 04:00:00; a row that needs longer goes on in a further one", "string", "integer"),
                ["gpus"] = Kinds("GPUs of a task: 1 or a100:1", "string", "integer"),
                ["memory"] = Kinds("memory of a task: 8G", "string", "integer"),
                ["account"] = Kind("string", "account that is charged"),
                ["atOnce"] = Whole("tasks at the same time at most; 0 for no limit", 0, SweepBudget.MostRuns),
                ["signalBefore"] = Whole("seconds before the limit at which a row saves a checkpoint and is queued again", 1, SlurmOptions.MostSignalBefore),
                ["options"] = new JsonObject { ["description"] = "further options of sbatch, such as --qos=long", ["anyOf"] = new JsonArray(Kind("string"), List(Kind("string"))) },
                ["setup"] = new JsonObject { ["description"] = "lines of shell before the program starts", ["anyOf"] = new JsonArray(Kind("string"), List(Kind("string"))) },
            }),
        };
        Assert.Equal(TableReader.Keys.Concat(TableReader.OtherKeys).Order(), properties.Select(p => p.Key).Order());
        return new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A table of ArTar.Workbench",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
            ["definitions"] = new JsonObject
            {
                ["set"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = values },
                ["choices"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(Ref("choice"), Kind("null")) } },
                ["choice"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = choice },
                ["range"] = new JsonObject
                {
                    ["type"] = "object", ["additionalProperties"] = false, ["required"] = new JsonArray("from", "to"),
                    ["properties"] = new JsonObject
                    {
                        ["from"] = Kind("number", "the least"), ["to"] = Kind("number", "the most"),
                        ["log"] = Kind("boolean", "whether the logarithm is drawn evenly"), ["whole"] = Kind("boolean", "whether only whole numbers are drawn"),
                    },
                },
            },
        };
    }

    private static string About(HyperParameter p)
    {
        var usual = $"{p.Default}{(p.Unit.Length > 0 ? $" {p.Unit}" : "")}{(p.Source.Length > 0 ? $", {p.Source}" : "")}";
        return $"{p.Meaning}: {p.Expected}; default {usual}{(p.IsAssumed ? " (assumed)" : "")}";
    }

    private static JsonObject Ranged(HyperParameter p)
    {
        var value = Kind(p.IsWhole ? "integer" : "number", About(p)).With(p.Limits.Above ? "exclusiveMinimum" : "minimum", p.Limits.Least);
        return p.Limits.Most == RangeAttribute.Largest ? value : value.With(p.Limits.Below ? "exclusiveMaximum" : "maximum", p.Limits.Most);
    }

    /// <summary>Every key that the type has, and no other.</summary>
    private static JsonObject Part<T>(string about, JsonObject values)
    {
        Assert.Equal(typeof(T).GetProperties().Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]).Order(), values.Select(v => v.Key).Order());
        return Kind("object", about).With("additionalProperties", false).With("properties", values);
    }

    private static JsonObject Ref(string path) => new() { ["$ref"] = $"#/definitions/{path}" };

    private static JsonObject List(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject Whole(string about, int least, int most) => Kind("integer", about).With("minimum", least).With("maximum", most);

    private static JsonObject Number(string about, double most) => Kind("number", about).With("minimum", 0).With("maximum", most);

    private static JsonObject Kind(string type, string about = "") => Described(about).With("type", type);

    private static JsonObject Kinds(string about, params string[] types) => Described(about).With("type", new JsonArray([.. types.Select(t => (JsonNode)t)]));

    private static JsonObject Words(string about, IReadOnlyList<string> words) => Described(about).With("enum", new JsonArray([.. words.Select(w => (JsonNode)w)]));

    private static JsonObject Described(string about) => about.Length == 0 ? new JsonObject() : new JsonObject { ["description"] = about };
}

/// <summary>Puts a schema together.</summary>
file static class SchemaParts
{
    public static JsonObject With(this JsonObject schema, string key, JsonNode value)
    {
        schema[key] = value;
        return schema;
    }
}
