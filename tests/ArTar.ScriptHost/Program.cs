using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

// A stranger among notebook hosts: Roslyn's own script engine, as .NET Interactive and Verso use it, and no reference to the workbench.
// It runs a notebook's code cells, and shows each value by the conventions of those two: `ArTar.ScriptHost NOTEBOOK.ipynb`. A line of
// JSON for each cell: its number, the type of its value, what a TypeFormatterSource makes of it, and what ToHtml() returns.
var path = Path.GetFullPath(args[0]);
var notebook = JsonNode.Parse(File.ReadAllText(path))!;
Environment.CurrentDirectory = Path.GetDirectoryName(path)!;
var standardOutput = Console.Out;
// What cells print is not looked at.
Console.SetOut(TextWriter.Null);
ScriptState<object>? state = null;
var number = 0;
foreach (var cell in notebook["cells"]!.AsArray().Where(c => (string?)c!["cell_type"] == "code"))
{
    number++;
    var code = cell!["source"] is JsonArray lines ? string.Concat(lines.Select(l => (string?)l)) : (string)cell["source"]!;
    if (code.StartsWith("#!import ", StringComparison.Ordinal))
        code = File.ReadAllText(code["#!import ".Length..]);
    try
    {
        state = state is null ? await CSharpScript.RunAsync(code, Options()) : await state.ContinueWithAsync(code);
    }
    catch (Exception e)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{args[0]}, cell {number}: {e.GetType().Name}: {e.Message}"));
        return 1;
    }
    var value = state.ReturnValue;
    standardOutput.WriteLine(JsonSerializer.Serialize(new
    {
        cell = number,
        type = value?.GetType().FullName,
        formatted = value is null ? null : ByFormatterSource(value),
        html = value?.GetType().GetMethod("ToHtml", BindingFlags.Public | BindingFlags.Instance, [])?.Invoke(value, null) as string,
    }));
}
return 0;

static ScriptOptions Options() => ScriptOptions.Default.WithLanguageVersion(Microsoft.CodeAnalysis.CSharp.LanguageVersion.Latest);

// As .NET Interactive does it: an attribute found by its name names a type whose formatters are called by reflection; the first of the preferred forms.
static Dictionary<string, string>? ByFormatterSource(object value)
{
    var attribute = value.GetType().GetCustomAttributes(inherit: true).FirstOrDefault(a => a.GetType().Name == "TypeFormatterSourceAttribute");
    if (attribute is null)
        return null;
    var source = Activator.CreateInstance((Type)attribute.GetType().GetProperty("FormatterSourceType")!.GetValue(attribute)!)!;
    var preferred = (string[]?)attribute.GetType().GetProperty("PreferredMimeTypes")?.GetValue(attribute) ?? [];
    var shown = new Dictionary<string, string>();
    foreach (var formatter in (IEnumerable<object>)source.GetType().GetMethod("CreateTypeFormatters")!.Invoke(source, null)!)
    {
        var form = (string)formatter.GetType().GetProperty("MimeType")!.GetValue(formatter)!;
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        if (preferred.Contains(form) && formatter.GetType().GetMethod("Format", [typeof(object), typeof(TextWriter)])!.Invoke(formatter, [value, writer]) is true)
            shown[form] = writer.ToString();
    }
    return shown;
}
