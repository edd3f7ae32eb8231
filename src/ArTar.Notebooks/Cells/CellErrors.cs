using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace ArTar.Notebooks.Cells;

/// <summary>A cell does not compile.</summary>
internal sealed class CompilationException(ImmutableArray<Diagnostic> errors)
    : Exception(errors[0].GetMessage(CultureInfo.InvariantCulture))
{
    public ImmutableArray<Diagnostic> Errors => errors;
}

/// <summary>Turns faults into what a reader is shown: the cell's own lines, without the frames of scripting and engine.</summary>
internal static partial class CellErrors
{
    private const int Shown = 10, ShownFrames = 25;

    /// <summary>The compiler's errors, each with its line.</summary>
    public static CellError From(ImmutableArray<Diagnostic> errors)
    {
        var trace = new List<string>();
        foreach (var error in errors.Take(Shown))
        {
            var (span, message) = (error.Location.GetLineSpan(), error.GetMessage(CultureInfo.InvariantCulture));
            trace.Add($"{Place(span)}: error {error.Id}: {message}");
            if (error.Location.SourceTree?.GetText().Lines[span.StartLinePosition.Line].ToString() is not { } line)
                continue;
            trace.Add("  " + line);
            trace.Add("  " + string.Concat(line.Take(span.StartLinePosition.Character).Select(c => c == '\t' ? c : ' ')) + "^");
        }
        if (errors.Length > Shown)
            trace.Add($"and {errors.Length - Shown} more errors");
        return new(errors[0].Id, errors[0].GetMessage(CultureInfo.InvariantCulture),
            errors[0].Location.GetLineSpan().StartLinePosition.Line + 1, trace);
    }

    /// <summary>An exception of the cell's code or of what it called.</summary>
    public static CellError From(Exception exception)
    {
        // Those that only carry another one say nothing to a reader.
        while (exception is TargetInvocationException or AggregateException { InnerExceptions.Count: 1 }
            && exception.InnerException is { } inner)
            exception = inner;
        var name = exception.GetType().Name;
        var frames = Frames(exception);
        var line = frames.FirstOrDefault(f => f.Line is not null).Line;
        List<string> trace = [$"{name}: {exception.Message}"];
        for (var cause = exception.InnerException; cause is not null; cause = cause.InnerException)
            trace.Add($"  caused by {cause.GetType().Name}: {cause.Message}");
        // A fault that the user can mend needs the place in the cell, not the way through the library.
        trace.AddRange(frames.Where(f => exception is not WorkbenchException || f.Line is not null).Select(f => f.Text));
        return new(name, exception.Message, line, trace);
    }

    /// <summary>Whether an exception is how code ends that was asked to stop.</summary>
    public static bool IsInterruption(Exception e) =>
        e is OperationCanceledException or ThreadInterruptedException || e is AggregateException { InnerExceptions: var all }
            && all.All(IsInterruption);

    /// <summary>A cell that was stopped.</summary>
    public static CellError Interrupted(Exception? exception)
    {
        var frames = exception is null ? [] : Frames(exception).Where(f => f.Line is not null).ToList();
        const string message = "The cell was stopped; what it had set by then is kept.";
        return new("Interrupted", message, frames.FirstOrDefault().Line, [$"Interrupted: {message}", .. frames.Select(f => f.Text)]);
    }

    /// <summary>A cell that was to be stopped and could not be.</summary>
    public static CellError Left()
    {
        const string message = "The cell was left: it is in a call that cannot be interrupted, which goes on in the background " +
            "until it returns. " +
            "What the cell had set by then is kept; to end that call, restart the kernel.";
        return new("Interrupted", message, null, [$"Interrupted: {message}"]);
    }

    /// <summary>A process whose cells are gone.</summary>
    /// <param name="name">What kind of end it was.</param>
    /// <param name="reason">How it came to it.</param>
    public static CellError Ended(string name, string reason)
    {
        var message = $"{reason} All variables are lost; the next cell starts without any.";
        return new(name, message, null, [$"{name}: {message}"]);
    }

    /// <summary>The number of the cell that an error comes from, where its lines name one.</summary>
    public static int? NumberIn(CellError error) =>
        error.Trace.Select(line => NumberInFrame().Match(line)).FirstOrDefault(m => m.Success) is { } found
            ? int.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    /// <summary>An error's lines as front ends show them, the kind of error in red.</summary>
    public static IEnumerable<string> Colored(CellError error) => error.Trace.Select((line, i) =>
        i == 0 && line.IndexOf(error.Name, StringComparison.Ordinal) is >= 0 and var at
            ? $"{line[..at]}\e[1;31m{error.Name}\e[0m{line[(at + error.Name.Length)..]}" : line);

    private static List<(string Text, int? Line)> Frames(Exception exception)
    {
        var frames = new List<(string Text, int? Line)>();
        (string Text, int? Line)? called = null;
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { } method || method.DeclaringType?.Assembly == typeof(CellErrors).Assembly)
                continue;
            // Of .NET itself a reader knows what was called, not how that works inside.
            if (IsRuntime(method))
            {
                called = method is { IsPublic: true, DeclaringType.IsVisible: true } ? ("   at " + Describe(method, frame, out _), null)
                    : called;
                continue;
            }
            if (called is { } entry && !IsPlumbing(entry.Text))
                frames.Add(entry);
            called = null;
            var text = "   at " + Describe(method, frame, out var line);
            if (frames.Count == 0 || frames[^1].Text != text)
                frames.Add((text, line));
        }
        // Below the cell is the engine.
        var last = frames.FindLastIndex(f => f.Line is not null);
        frames = last < 0 ? frames : frames[..(last + 1)];
        return frames.Count <= ShownFrames ? frames
            : [.. frames[..ShownFrames], (string.Create(CultureInfo.InvariantCulture, $"   and {frames.Count - ShownFrames:N0} more"),
                null)];
    }

    private static bool IsRuntime(MethodBase method) => method.DeclaringType is null || method.DeclaringType.FullName is { } name
        && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal)
            || name.StartsWith("Interop", StringComparison.Ordinal));

    // What .NET puts between a function and what it awaits.
    private static bool IsPlumbing(string frame) =>
        frame.StartsWith("   at System.Runtime.", StringComparison.Ordinal)
            || frame.StartsWith("   at System.Threading.", StringComparison.Ordinal);

    private static string Describe(MethodBase method, StackFrame frame, out int? line)
    {
        line = null;
        var (name, type) = (method.Name, method.DeclaringType);
        // The compiler's names: <Name>d__1.MoveNext is Name's state machine, <Name>b__0 a lambda in it, <Outer>g__Name|0 a local function.
        if (name == "MoveNext" && type is not null && Generated().Match(type.Name) is { Success: true } machine)
            (name, type) = (machine.Groups["name"].Value, type.DeclaringType);
        if (LocalFunction().Match(name) is { Success: true } local)
            name = local.Groups["name"].Value;
        if (type is not null && type.Name.StartsWith("<>", StringComparison.Ordinal))
            type = type.DeclaringType;

        var file = frame.GetFileName();
        // The compiler puts folders before a cell's name, and the builder's folders before a library's files.
        file = file is null ? null : Path.GetFileName(file);
        if (file is not null && CellName().IsMatch(file))
        {
            line = frame.GetFileLineNumber();
            return name.StartsWith('<') ? $"{file}, line {line}" : $"{name}, {file}, line {line}";
        }
        var arguments = string.Join(", ", method.GetParameters().Select(p => p.ParameterType.Name));
        var place = file is null ? "" : $" in {file}:{frame.GetFileLineNumber()}";
        return $"{type?.FullName}.{name}({arguments}){place}";
    }

    private static string Place(FileLinePositionSpan span) =>
        $"{Path.GetFileName(span.Path)}, line {span.StartLinePosition.Line + 1}, column {span.StartLinePosition.Character + 1}";

    [GeneratedRegex(@"^   at .*\bIn\[(\d+)\], line \d+$")]
    private static partial Regex NumberInFrame();

    [GeneratedRegex(@"^In\[\d+\]$")]
    private static partial Regex CellName();

    [GeneratedRegex(@"^<(?<name>.+)>d(__\d+|)")]
    private static partial Regex Generated();

    [GeneratedRegex(@"^<.*>g__(?<name>[^|]+)\|")]
    private static partial Regex LocalFunction();
}
