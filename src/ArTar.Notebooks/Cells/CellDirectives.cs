using System.Text;
using ArTar.Workbench;

namespace ArTar.Notebooks.Cells;

/// <summary>A piece of a cell: code under a name, or the name of variables to forget.</summary>
internal readonly record struct CellPart(string Code, string Name, string? Forget = null);

/// <summary>The lines of a cell that are not C#: <c>#!import FILE</c> and <c>#!forget NAME</c>.</summary>
internal static class CellDirectives
{
    /// <summary>
    /// The pieces of a cell in the order in which they run: imported scripts first, then the code, in which the directives'
    /// lines are left empty so that every line keeps its number.
    /// </summary>
    public static IReadOnlyList<CellPart> Parts(string code, string name, string folder)
    {
        if (!code.Contains("#!", StringComparison.Ordinal))
            return [new(code, name)];
        var parts = new List<CellPart>();
        var lines = code.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (!line.StartsWith("#!", StringComparison.Ordinal))
                continue;
            lines[i] = "";
            switch (line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                case ["#!import", var path]: parts.AddRange(Import(path.Trim('"'), folder)); break;
                case ["#!forget", var variable]: parts.Add(new("", name, variable)); break;
                case ["#!csharp" or "#!c#"]: break;
                case [var other, ..]:
                    throw new WorkbenchException($"'{other}' in line {i + 1} is unknown here: expected #!import FILE or #!forget NAME. Other hosts' directives and other languages do not work in these notebooks.");
            }
        }
        var rest = string.Join('\n', lines);
        if (!string.IsNullOrWhiteSpace(rest))
            parts.Add(new(rest, name));
        return parts;
    }

    private static IEnumerable<CellPart> Import(string path, string folder)
    {
        var file = Path.GetFullPath(path, folder);
        if (File.Exists(file))
            return [new(File.ReadAllText(file, Encoding.UTF8), file)];
        // The build writes that file for hosts that do not know the library; this one does.
        return Path.GetFileName(file) == "setup.csx" ? [] : throw new WorkbenchException($"#!import {path}: there is no file {file}.");
    }
}
