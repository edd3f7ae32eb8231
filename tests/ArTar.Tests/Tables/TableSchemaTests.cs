using System.Text.Json.Nodes;
using ArTar.Workbench;
using ArTar.Cli.Sweeps;
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

    private static JsonObject Schema()
    {
        var values = new JsonObject { ["size"] = Words("one of the profile's sizes", ["small", "medium", "middle", "large"]) };
        foreach (var p in HyperParameter.All.Where(p => p.Key is not ("seed" or "gamma"))) // gamma is another test's own
            values[p.Key] = p.IsNumber
                ? new JsonObject { ["description"] = About(p), ["type"] = p.IsWhole ? "integer" : "number" }
                : p.Choices is ["false", "true"] ? new JsonObject { ["description"] = About(p), ["type"] = "boolean" }
                : Words(About(p), p.Choices);
        string[] keys = [.. values.Select(v => v.Key)];
        static JsonObject Ref(string path) => new() { ["$ref"] = $"#/definitions/{path}" };
        var choice = new JsonObject(keys.Select(k => KeyValuePair.Create<string, JsonNode?>(k, Ref($"set/properties/{k}"))))
        {
            ["id"] = Text("its part of a row's id"), ["label"] = Text("its part of a row's label"),
        };
        JsonObject Axis(string key) => new()
        {
            ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "array", ["items"] = Ref($"set/properties/{key}") }, Ref("choices")),
        };
        return new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A table of ArTar.Workbench",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(TableReader.Keys.Select(k => KeyValuePair.Create<string, JsonNode?>(k, k switch
            {
                "set" => Ref("set"),
                "axes" => new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject(keys.Select(key => KeyValuePair.Create<string, JsonNode?>(key, Axis(key)))),
                    ["additionalProperties"] = Ref("choices"),
                },
                "number" or "samples" or "searchSeed" => new JsonObject { ["type"] = "integer" },
                "texts" => new JsonObject { ["type"] = "boolean" },
                "baseline" or "map" or "random" => new JsonObject { ["type"] = "object" },
                "cited" => new JsonObject { ["type"] = "array" },
                _ => Text(""),
            })).Concat(typeof(SweepSpec).GetProperties().Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]).Where(k => k is not "table" && !TableReader.Keys.Contains(k))
                .Select(k => KeyValuePair.Create<string, JsonNode?>(k, new JsonObject())))),
            ["definitions"] = new JsonObject
            {
                ["set"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = values },
                ["choices"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = Ref("choice") },
                ["choice"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = choice },
            },
        };
    }

    private static string About(HyperParameter p) => $"{p.Meaning}: {p.Expected}; default {p.Default}{(p.IsAssumed ? " (assumed)" : "")}";

    private static JsonObject Text(string about) => about.Length == 0 ? new() { ["type"] = "string" } : new() { ["description"] = about, ["type"] = "string" };

    private static JsonObject Words(string about, IReadOnlyList<string> words) => new() { ["description"] = about, ["enum"] = new JsonArray([.. words.Select(w => (JsonNode)w)]) };
}
