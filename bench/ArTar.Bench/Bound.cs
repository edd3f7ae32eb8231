namespace ArTar.Bench;

/// <summary>The rate of a large matrix product: no float32 step can take less time than its products at this rate.</summary>
internal static class Bound
{
    /// <summary>Rows and columns of the square matrices.</summary>
    public const int Size = 2048;

    /// <summary>Floating-point operations of one product.</summary>
    public const double Flops = 2.0 * Size * Size * Size;
}
