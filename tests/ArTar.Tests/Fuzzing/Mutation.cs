using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ArTar.Tests.Fuzzing;

/// <summary>Changes files as accidents and malice do.</summary>
internal static class Mutation
{
    private const int MostChanges = 6;

    private static readonly string[] values =
    [
        "null", "true", "[]", "{}", "\"\"", "0", "-1", "1", "2", "1.5", "2000000000", "-2147483648", "9223372036854775807", "99999999999999999999", "1e308", "-1e308", "1e999", "1e-320",
        "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "[null]", "[[]]", "[0,0,0,0,0,0,0,0,0]", "[-1]", "{\"a\":1}", "\"../../../x\"", "\"/dev/zero\"", "\"a\\u0000b\"", "\"\\u001b]0;x\\u0007\"",
        "\"\\ud800\"", "\"x.partial\"", "\"CON\"", "\"🙂\"", "\"all\"", "\"slurm\"", "\"alpha=1\"", "\"=\"", "0.1", "100000", "16", "8192",
    ];

    private static readonly string[] words =
    [
        "{", "}", "[", "]", ":", ",", "\"", "'", "\n", "\t", "- ", "#", "&a", "*a", "!!", "|", ">", "..", "...", "---", "%", "=", "|0|", "..1:log", "1e999", "NaN", "null", "~", "\0", "\ufeff", "\u2028", "<<: ",
        "axes: ", "random: ", "samples: 1000000", "seeds: -1", "all tables", "tables 1 2", "alpha", "0x10", "1_000", "\r\n", "é", "\u200b",
    ];

    /// <summary>A file that is a little, or much, other than a good one.</summary>
    public static byte[] Of(byte[] good, IReadOnlyList<byte[]> others, Random random)
    {
        var bytes = good;
        for (var change = random.Next(1, MostChanges); change > 0; change--)
            bytes = Once(bytes, others, random);
        return bytes;
    }

    /// <summary>JSON of which one value, key or member is another.</summary>
    public static string OfJson(string good, Random random)
    {
        var root = JsonNode.Parse(good)!;
        var places = new List<(JsonNode Parent, string? Key, int Index)>();
        void Collect(JsonNode? node)
        {
            if (node is JsonObject map)
                foreach (var (key, value) in map.ToList())
                {
                    places.Add((map, key, 0));
                    Collect(value);
                }
            else if (node is JsonArray list)
                foreach (var (index, item) in list.Index().ToList())
                {
                    places.Add((list, null, index));
                    Collect(item);
                }
        }
        Collect(root);
        for (var change = random.Next(1, 4); change > 0 && places.Count > 0; change--)
        {
            var (parent, key, index) = places[random.Next(places.Count)];
            var value = Parsed(values[random.Next(values.Length)]);
            try
            {
                if (parent is JsonArray list && index < list.Count)
                {
                    if (random.Next(4) == 0)
                        list.Insert(index, value);
                    else
                        list[index] = value;
                }
                else if (parent is JsonObject map)
                    switch (random.Next(6))
                    {
                        case 0: map.Remove(key!); break;
                        case 1: map[$"{key}x"] = value; break;
                        default: map[key!] = value; break;
                    }
            }
            catch (InvalidOperationException)
            {
                // Its parent was replaced before.
            }
        }
        return Text(root);
    }

    // Half a surrogate pair stands in a file as its escape.
    private static JsonNode? Parsed(string value) => value.Contains("\\ud8", StringComparison.Ordinal) ? JsonValue.Create("<half>") : JsonNode.Parse(value);

    private static string Text(JsonNode root) => root.ToJsonString(new JsonSerializerOptions { MaxDepth = 1000 }).Replace("\\u003Chalf\\u003E", "\\ud800", StringComparison.Ordinal);

    private static byte[] Once(byte[] bytes, IReadOnlyList<byte[]> others, Random random)
    {
        var at = random.Next(bytes.Length + 1);
        var length = Math.Min(random.Next(1, random.Next(2) == 0 ? 4 : 200), bytes.Length - at);
        switch (random.Next(9))
        {
            case 0 when bytes.Length > 0:
                var flipped = (byte[])bytes.Clone();
                flipped[at % bytes.Length] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1 when bytes.Length > 0:
                var set = (byte[])bytes.Clone();
                set[at % bytes.Length] = (byte)random.Next(256);
                return set;
            case 2:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 3:
                return [.. bytes[..at], .. bytes.AsSpan(at, length), .. bytes[at..]];
            case 4:
                return bytes[..at];
            case 5:
                var other = others[random.Next(others.Count)];
                var from = random.Next(other.Length + 1);
                return [.. bytes[..at], .. other.AsSpan(from, Math.Min(random.Next(1, 200), other.Length - from)), .. bytes[at..]];
            case 6:
                return [.. bytes[..at], .. Encoding.UTF8.GetBytes(values[random.Next(values.Length)]), .. bytes[(at + length)..]];
            case 7:
                return [.. bytes[..at], .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(words[random.Next(words.Length)], random.Next(20) == 0 ? 5000 : 1))), .. bytes[at..]];
            default:
                return [.. bytes[..at], .. Encoding.UTF8.GetBytes(words[random.Next(words.Length)]), .. bytes[at..]];
        }
    }
}
