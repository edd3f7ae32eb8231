using System.Text.RegularExpressions;

namespace ArTar.Workbench.Figures;

/// <summary>
/// Adds to a PDF file what a browser leaves out: a title, what it is drawn from, and the exact size of its page, which browsers round. It
/// is an incremental update: new objects and a new table of references behind the file, which stays as it is.
/// </summary>
internal static partial class PdfInfo
{
    /// <summary>The file with its words.</summary>
    /// <param name="file">A PDF file of one page with a table of references, as Chromium prints it.</param>
    /// <param name="title">Its title.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="keywords">Keywords.</param>
    /// <param name="width">Width of the page, in points.</param>
    /// <param name="height">Its height.</param>
    /// <returns>The same file where it is built differently: a picture without words is better than none.</returns>
    public static byte[] Add(byte[] file, string title, string subject, IReadOnlyList<string> keywords, double width, double height)
    {
        var text = Encoding.Latin1.GetString(file);
        var (trailer, page) = (Trailer().Match(text), Page().Match(text));
        if (!trailer.Success || !page.Success)
            return file;
        string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
        var end = new StringBuilder(text.EndsWith('\n') ? "" : "\n");
        var (size, offsets) = (int.Parse(trailer.Groups["size"].Value, CultureInfo.InvariantCulture), new List<(int Number, int At)>());
        void Object(int number, string content)
        {
            offsets.Add((number, file.Length + end.Length));
            end.Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n{content}\nendobj\n");
        }
        Object(int.Parse(page.Groups["number"].Value, CultureInfo.InvariantCulture),
            Box().Replace(page.Groups["content"].Value.TrimEnd(), $"/MediaBox [0 0 {Number(width)} {Number(height)}]", 1));
        Object(size, $"<</Title {Hexadecimal(title)}\n/Subject {Hexadecimal(subject)}\n"
            + $"/Keywords {Hexadecimal(string.Join(", ", keywords))}\n"
            + $"/Creator (ArTar.Workbench)\n/Producer (Chromium)\n/CreationDate ({DateTime.UtcNow:'D:'yyyyMMddHHmmss'Z'})>>");
        var table = file.Length + end.Length;
        end.Append("xref\n");
        foreach (var (number, at) in offsets)
            end.Append(CultureInfo.InvariantCulture, $"{number} 1\n{at:D10} 00000 n \n");
        end.Append(CultureInfo.InvariantCulture, $"trailer\n<</Size {size + 1}\n/Root {trailer.Groups["root"].Value} 0 R\n")
            .Append(CultureInfo.InvariantCulture, $"/Info {size} 0 R\n")
            .Append(CultureInfo.InvariantCulture, $"/Prev {trailer.Groups["at"].Value}>>\nstartxref\n{table}\n%%EOF\n");
        return [.. file, .. Encoding.Latin1.GetBytes(end.ToString())];
    }

    // UTF-16 with its mark, as PDF has texts that are not Latin.
    private static string Hexadecimal(string text) => $"<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}>";

    [GeneratedRegex(@"trailer\s*<<\s*/Size (?<size>\d+)\s*/Root (?<root>\d+) 0 R.*?>>\s*startxref\s+(?<at>\d+)\s+%%EOF\s*\z",
        RegexOptions.Singleline)]
    private static partial Regex Trailer();

    [GeneratedRegex(@"(?<=\n)(?<number>\d+) 0 obj\n(?<content><</Type /Page\b(?!s).*?)endobj", RegexOptions.Singleline)]
    private static partial Regex Page();

    [GeneratedRegex(@"/MediaBox \[[^\]]*\]")]
    private static partial Regex Box();
}
