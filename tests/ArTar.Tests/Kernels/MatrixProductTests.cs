using ArTar.Workbench.Kernels;
using CsCheck;
using Buffer = ArTar.Workbench.Kernels.Buffer;

namespace ArTar.Tests.Kernels;

/// <summary>Products of matrices of all shapes against a double loop in double precision.</summary>
public unsafe class MatrixProductTests
{
    private enum Beginning { Nothing, Existing, Bias }

    private static readonly Gen<(int M, int K, int N, bool TurnA, bool TurnB, Beginning Start, int Threads)> shapes = Gen.Select(
        Gen.OneOf(Gen.Int[1, 40], Gen.Int[700, 760]), Gen.OneOf(Gen.Int[1, 40], Gen.Int[250, 530]), Gen.Int[1, 100],
        Gen.Bool, Gen.Bool, Gen.Enum<Beginning>(), Gen.Int[1, 3]);

    [Fact]
    public void A_product_is_the_sum_that_defines_it() =>
        shapes.Sample((M, K, N, turnA, turnB, start, threads) => Compare(M, K, N, turnA, turnB, start, threads, packed: false), iter: 150, threads: 1);

    [Fact]
    public void So_is_a_states_from_the_left_and_from_the_right() =>
        shapes.Sample((M, K, N, turnA, turnB, start, threads) => Compare(M, K, N, turnA, turnB, start, threads, packed: true), iter: 150, threads: 1);

    /// <summary>Tiles of every height and width, and every number of rows that fills one in part.</summary>
    [Fact]
    public void No_entry_beyond_the_result_is_touched()
    {
        for (var M = 1; M <= 26; M++)
            foreach (var N in new[] { 1, 15, 16, 17, 31, 32, 33, 48 })
                Compare(M, K: 3, N, turnA: false, turnB: true, Beginning.Existing, threads: 2, packed: M % 2 == 0);
    }

    private static void Compare(int M, int K, int N, bool turnA, bool turnB, Beginning beginning, int threads, bool packed)
    {
        const int guard = 40;
        var random = new Random(HashCode.Combine(M, K, N));
        using Buffer left = new(M * K), right = new(K * N), result = new(M * N + guard), bias = new(N);
        Fill(left, M * K);
        Fill(right, K * N);
        Fill(result, M * N + guard);
        Fill(bias, N);
        var (a, b, c) = (turnA ? new Matrix(left, K, M).T : new(left, M, K), turnB ? new Matrix(right, N, K).T : new(right, K, N), new Matrix(result, M, N));
        var before = new Span<float>(result, M * N + guard).ToArray();

        var start = beginning switch { Beginning.Existing => Start.Existing, Beginning.Bias => Start.Bias(bias), _ => default };
        using var team = new Team(threads);
        using var product = new MatrixProduct(team);
        using var ofState = new StateProduct(M, K, N, team);
        team.Run(rank =>
        {
            if (!packed)
            {
                product.Multiply(rank, a, b, c, start);
                return;
            }
            ofState.PackMatrix(rank, b);
            var (from, to) = team.Share(rank, K);
            ofState.PackState(a, from, to);
            team.Barrier();
            ofState.Multiply(rank, c, start, fromTheRight: K % 2 == 1);
        });

        for (var i = 0; i < M; i++)
            for (var j = 0; j < N; j++)
            {
                double expected = beginning switch { Beginning.Existing => before[i * N + j], Beginning.Bias => ((float*)bias)[j], _ => 0 };
                for (var k = 0; k < K; k++)
                    expected += (double)*a.At(i, k) * *b.At(k, j);
                Assert.True(Math.Abs(expected - *c.At(i, j)) < 1e-6 * (K + 10), $"[{i}, {j}] is {*c.At(i, j)}, expected {expected}");
            }
        Assert.Equal(before[(M * N)..], new Span<float>((float*)result + M * N, guard).ToArray());

        void Fill(float* data, int count)
        {
            for (var i = 0; i < count; i++)
                data[i] = random.NextSingle() * 2 - 1;
        }
    }
}
