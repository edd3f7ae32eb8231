namespace ArTar.Workbench.Display;

/// <summary>
/// Says how values of a type are shown in a notebook. Hosts look for an attribute of this very name and shape instead of
/// sharing a library with it, so that the workbench refers to none of them.
/// </summary>
/// <param name="formatterSourceType">A type with a constructor without parameters and a method <c>CreateTypeFormatters</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    /// <summary>What makes the formatters.</summary>
    public Type FormatterSourceType => formatterSourceType;

    /// <summary>The forms that are shown when a host can choose, best first.</summary>
    public string[] PreferredMimeTypes { get; set; } = ["text/html", "text/plain"];
}

/// <summary>Shows values by their own public method <c>string ToHtml()</c>, and as text by <see cref="object.ToString"/>.</summary>
public sealed class HtmlFormatterSource
{
    private readonly object[] formatters = [new HtmlFormatter("text/html"), new HtmlFormatter("text/plain")];

    /// <summary>The formatters; hosts call this by name.</summary>
    public IEnumerable<object> CreateTypeFormatters() => formatters;
}

/// <summary>Writes a value in one form.</summary>
/// <param name="mimeType"><c>text/html</c> or <c>text/plain</c>.</param>
public sealed class HtmlFormatter(string mimeType)
{
    /// <summary>The form.</summary>
    public string MimeType => mimeType;

    /// <summary>Writes the value; hosts call this by name.</summary>
    /// <returns>False when the value has no such form.</returns>
    public bool Format(object instance, TextWriter writer)
    {
        var content = mimeType == "text/plain"
            ? instance.ToString()
            : instance.GetType().GetMethod("ToHtml", [])?.Invoke(instance, null) as string;
        writer.Write(content);
        return content is not null;
    }
}
