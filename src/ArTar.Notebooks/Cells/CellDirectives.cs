namespace ArTar.Notebooks.Cells;

/// <summary>A piece of a cell.</summary>
/// <param name="Code">C#; empty for what the kernel does itself.</param>
/// <param name="Name">What errors call it.</param>
/// <param name="Does">What the kernel does itself; what it returns is shown. Null for code.</param>
internal readonly record struct CellPart(string Code, string Name, Func<ScriptSession, string?>? Does = null);

/// <summary>The lines of a cell that are meant for the kernel: <c>#!import FILE</c>, <c>#!forget NAME</c>, <c>#!memory</c>.</summary>
internal static class CellDirectives
{
    private const string Known = "#!import FILE, #!forget NAME, #!forget and #!memory";

    /// <summary>
    /// The pieces of a cell in the order in which they run: what the kernel does first, then the code, in which the directives'
    /// lines are left empty so that every line keeps its number.
    /// </summary>
    public static IReadOnlyList<CellPart> Parts(string code, string name, string folder)
    {
        if (!code.Contains("#!", StringComparison.Ordinal) && !code.Contains("nuget", StringComparison.Ordinal))
            return [new(code, name)];
        var parts = new List<CellPart>();
        var rest = new StringBuilder(code);
        // The compiler knows what is code: the same in a string or a comment means nothing.
        foreach (var trivia in ScriptSession.Parse(code, name).GetRoot().DescendantTrivia().Where(t => t.IsDirective))
        {
            var line = trivia.ToString().Trim();
            var number = trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            if (line.StartsWith("#r", StringComparison.Ordinal) && line.Contains("\"nuget:", StringComparison.OrdinalIgnoreCase))
                throw new WorkbenchException($"Line {number}: {line}: this kernel fetches no packages. Cells use what the workbench " +
                    "itself runs with; name " +
                    "another library's file, #r \"folder/library.dll\", or use a host that fetches packages, such as .NET Interactive.");
            if (!line.StartsWith("#!", StringComparison.Ordinal))
                continue;
            for (var i = trivia.SpanStart; i < trivia.Span.End; i++)
                if (rest[i] is not ('\r' or '\n'))
                    rest[i] = ' ';
            switch (line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                case ["#!import", var path]: parts.AddRange(Import(path.Trim('"'), folder)); break;
                case ["#!forget", var variable]: parts.Add(new("", name, session => Forget(session, variable))); break;
                case ["#!forget"]: parts.Add(new("", name, session => Memory.AfterForgetting(session.ForgetHidden()))); break;
                case ["#!memory"]: parts.Add(new("", name, session => Memory.Now(session.CountHidden()))); break;
                case ["#!csharp" or "#!c#"]: break;
                case ["#!time", ..]:
                    throw new WorkbenchException($"Line {number}: #!time is another host's. Here: var watch = Stopwatch.StartNew(); … " +
                        "watch.Elapsed (using System.Diagnostics).");
                case [var other, ..]:
                    throw new WorkbenchException($"'{other}' in line {number} is unknown here: expected {Known}. Other hosts' directives " +
                        "and other languages do not work in these notebooks.");
            }
        }
        if (!string.IsNullOrWhiteSpace(rest.ToString()))
            parts.Add(new(rest.ToString(), name));
        return parts;
    }

    private static string? Forget(ScriptSession session, string variable) => session.Forget(variable) > 0
        ? null
        : throw new WorkbenchException($"#!forget {variable}: no cell has declared a variable of that name.");

    private static IEnumerable<CellPart> Import(string path, string folder)
    {
        var file = Path.GetFullPath(path, folder);
        if (File.Exists(file))
            return [new(PlainFile.ReadAllText(file), file)];
        // The build writes that file for hosts that do not know the library; this one does.
        return Path.GetFileName(file) == "setup.csx" ? [] : throw new WorkbenchException($"#!import {path}: there is no file {file}.");
    }
}
