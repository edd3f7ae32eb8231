using ArTar.Workbench;

namespace ArTar.Tests;

public class NumbersTests
{
    [Theory]
    [InlineData("2", 2.0)]
    [InlineData(".5", 0.5)]
    [InlineData("-1e-7", -1e-7)]
    [InlineData("+3", 3.0)]
    [InlineData("0.0", 0.0)]
    [InlineData("0e5", 0.0)]
    public void A_number_is_read_with_a_point_whatever_the_language(string text, double expected) => Assert.True(Numbers.TryRead(text, out double number) && number == expected);

    [Theory]
    [InlineData("")]
    [InlineData(" 5")]
    [InlineData("0,8")]
    [InlineData("1,000")]
    [InlineData("1_000")]
    [InlineData("1e400")]
    [InlineData("1e-400")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("∞")]
    [InlineData("５")]
    [InlineData("٥")]
    public void What_a_double_is_not_meant_by_is_none(string text) => Assert.False(Numbers.TryRead(text, out double _) || Numbers.TryRead(text, out int _));

    [Theory]
    [InlineData("2.0", 2)]
    [InlineData("2e3", 2000)]
    [InlineData("-2147483648", int.MinValue)]
    [InlineData("2147483647", int.MaxValue)]
    public void A_whole_number_may_be_written_with_its_decimals(string text, int expected) => Assert.True(Numbers.TryRead(text, out int number) && number == expected);

    [Theory]
    [InlineData("2.5")]
    [InlineData("2147483648")]
    [InlineData("-2147483649")]
    public void Another_number_is_no_whole_one(string text) => Assert.False(Numbers.TryRead(text, out int _));
}
