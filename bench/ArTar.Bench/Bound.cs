using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ArTar.Workbench.Kernels;

namespace ArTar.Bench;

/// <summary>
/// The processor's own limit: a loop of multiply-adds in registers, on every thread. No float32 step can take less time than its
/// products at this rate, whatever library computes them.
/// </summary>
internal sealed class Bound(int threads) : IDisposable
{
    private const int Sums = 12; // two units of a latency of four need eight; twelve leave room
    private const int Turns = 10_000_000;
    private readonly Team team = new(threads);

    /// <summary>Floating-point operations of one <see cref="Run"/>.</summary>
    public static double Flops(int threads) => 2.0 * threads * Turns * Sums * (Vector512.IsHardwareAccelerated ? 16 : 8);

    /// <summary>Multiplies and adds on all threads; the result is of no use.</summary>
    public void Run() => team.Run(_ =>
    {
        var result = Vector512.IsHardwareAccelerated ? Loop512(Turns) : Loop256(Turns);
        if (float.IsNaN(result))
            throw new InvalidOperationException("The loop of multiply-adds left the range of float32.");
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop512(int turns)
    {
        var (x, y) = (Vector512.Create(0.5f), Vector512.Create(1f));
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (; turns > 0; turns--)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y); b = Vector512.FusedMultiplyAdd(b, x, y); c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y); e = Vector512.FusedMultiplyAdd(e, x, y); f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y); h = Vector512.FusedMultiplyAdd(h, x, y); i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y); k = Vector512.FusedMultiplyAdd(k, x, y); l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop256(int turns)
    {
        var (x, y) = (Vector256.Create(0.5f), Vector256.Create(1f));
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (; turns > 0; turns--)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y); b = Vector256.FusedMultiplyAdd(b, x, y); c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y); e = Vector256.FusedMultiplyAdd(e, x, y); f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y); h = Vector256.FusedMultiplyAdd(h, x, y); i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y); k = Vector256.FusedMultiplyAdd(k, x, y); l = Vector256.FusedMultiplyAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    public void Dispose() => team.Dispose();
}
