namespace ArTar.Workbench;

/// <summary>
/// The one reader of numbers that people write: a point before the decimals, no grouping, whatever the system's language. A comma never
/// means anything, so that <c>0,8</c> is refused and not read as 8.
/// </summary>
public static class Numbers
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>
    /// Reads a number: <c>2</c>, <c>.5</c>, <c>1e-7</c>. What a double cannot hold, <c>1e400</c> or <c>1e-400</c>, is none.
    /// </summary>
    public static bool TryRead(string text, out double number) =>
        double.TryParse(text, Style, CultureInfo.InvariantCulture, out number) && double.IsFinite(number) && (number != 0 || IsZero(text));

    private static bool IsZero(string text) => !text.Split('e', 'E')[0].Any(c => c is >= '1' and <= '9');

    /// <summary>Reads a whole number, which may be written as <c>2.0</c> or <c>2e3</c>.</summary>
    public static bool TryRead(string text, out int number)
    {
        var whole = TryRead(text, out double value) && value == Math.Floor(value) && value is >= int.MinValue and <= int.MaxValue;
        number = whole ? (int)value : 0;
        return whole;
    }

    /// <summary>A number as it is read again, in the fewest digits.</summary>
    public static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
