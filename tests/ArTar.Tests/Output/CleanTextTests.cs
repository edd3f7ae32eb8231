using System.Text;
using ArTar.Workbench.Output;

namespace ArTar.Tests.Output;

public class CleanTextTests
{
    private sealed class Full : StringWriter
    {
        public override void Write(char[]? buffer) => throw new IOException("no space left");

        public override void Flush() => throw new IOException("no space left");
    }

    [Fact]
    public void What_cannot_be_written_is_given_up_where_nobody_needs_it()
    {
        using var full = new Full();
        using (var messages = new CleanWriter(full, mayFail: true))
        {
            messages.WriteLine("lost");
            messages.Write('x');
            messages.Flush();
        }
        using var results = new CleanWriter(full);
        Assert.Throws<IOException>(() => results.WriteLine("kept"));
    }

    [Theory]
    [InlineData("\e]52;c;ZXZpbA==\a", "␛]52;c;ZXZpbA==␇")]
    [InlineData("\e[2J\e[H", "␛[2J␛[H")]
    [InlineData("a\nb\tc\r", "a␊b␉c␍")]
    [InlineData("\u009B31m", "\uFFFD31m")]
    [InlineData("\u007F\0", "␡␀")]
    [InlineData("a\u2028b\u2029c\u0085d", "a\uFFFDb\uFFFDc\uFFFDd")]
    [InlineData("user\u202Etxt.exe\u2066", "user\uFFFDtxt.exe\uFFFD")]
    [InlineData("\uFFFE\uFFFF\U0001FFFE", "\uFFFD\uFFFD\uFFFD")]
    public void What_acts_is_replaced_by_a_sign(string foreign, string expected) => Assert.Equal(expected, CleanText.Line(foreign));

    [Theory]
    [InlineData("")]
    [InlineData("alpha = 2, <unk> & \"x\" | y")]
    [InlineData("Straße, 語言, עברית, العربية, 👩‍🔬, e\u0301")]
    public void What_is_only_read_stays(string text) => Assert.Equal(text, CleanText.Line(text));

    // An attribute could not hold it.
    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("\uFFFDx\uFFFD", CleanText.Line("\uD800x\uDFFF"));

    [Fact]
    public void A_text_of_several_lines_keeps_them() => Assert.Equal("one\n\ttwo␛[1m\n", CleanText.Lines("one\n\ttwo\e[1m\n"));

    [Fact]
    public void No_character_of_any_plane_steers_a_terminal_or_breaks_a_line()
    {
        for (var value = 0; value <= 0x10FFFF; value++)
            if (Rune.IsValid(value))
                Assert.DoesNotContain(CleanText.Line(new Rune(value).ToString()), c => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E'));
    }

    [Fact]
    public void A_writer_lets_only_tabs_and_lines_through_however_it_is_written_to()
    {
        var inner = new StringWriter();
        using (var writer = new CleanWriter(inner))
        {
            writer.Write('\e');
            writer.Write("\e[0m\t");
            writer.Write("{0}\n", "\a");
            writer.Write(['x', '\b'], 0, 2);
            writer.WriteLine("\u009B");
            writer.WriteLine(new StringBuilder("\e."));
            writer.Write((string?)null);
            writer.Write("user\u202Etxt.exe\u2066 a\u2028b");
            writer.Write('\uD83D');
            writer.Write('\uDE00');
        }
        Assert.Equal("␛␛[0m\t␇\nx␈\uFFFD\n␛.\nuser\uFFFDtxt.exe\uFFFD a\uFFFDb\U0001F600", inner.ToString().ReplaceLineEndings("\n"));
    }
}
