using ArTar.Notebooks.Cells;
using CsCheck;

namespace ArTar.Notebooks.Tests.Cells;

public sealed class CarriageReturnTests
{
    [Theory]
    [InlineData("plain\ntext\n", "plain\ntext\n")]
    [InlineData("1 %\r2 %\r100 %\n", "100 %\n")]
    [InlineData("long line\rshort", "shortline")]
    [InlineData("a\r\nb\r\n", "a\nb\n")]
    [InlineData("50 %\r", "50 %")]
    [InlineData("long line\rshort    \nnext  ", "short\nnext  ")]
    public void Overwritten_text_is_gone(string text, string expected) => Assert.Equal(expected, CarriageReturns.Final(text));

    [Fact]
    public void Blanks_that_covered_something_are_gone_from_a_piece_that_holds_their_whole_line() =>
        Assert.Equal("x\nshort\n", CarriageReturns.Shorten("x\nlong line\rshort    \n"));

    [Fact]
    public void Shortened_pieces_show_what_the_whole_shows() =>
        Gen.Int[0, 5].Select(i => "abc\r\r\n"[i]).Array[0, 30].Select(c => new string(c)).Array[0, 6].Sample(pieces =>
        {
            var shortened = pieces.Select(CarriageReturns.Shorten).ToList();
            Assert.All(shortened.Zip(pieces), p => Assert.True(p.First.Length <= p.Second.Length));
            Assert.Equal(Terminal(string.Concat(pieces)), Terminal(string.Concat(shortened)));
            Assert.Equal(Terminal(string.Concat(pieces)), CarriageReturns.Final(string.Concat(pieces)));
        });

    /// <summary>What a terminal shows, letter by letter.</summary>
    private static string Terminal(string text)
    {
        var lines = new List<List<char>> { new() };
        var column = 0;
        foreach (var c in text)
        {
            var line = lines[^1];
            switch (c)
            {
                case '\r': column = 0; break;
                case '\n': lines.Add([]); column = 0; break;
                default:
                    if (column < line.Count) line[column] = c;
                    else line.Add(c);
                    column++;
                    break;
            }
        }
        return string.Join('\n', lines.Select(l => new string([.. l])));
    }
}
