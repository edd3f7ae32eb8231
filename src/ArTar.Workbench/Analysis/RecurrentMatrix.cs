using System.Numerics;
using ArTar.Workbench.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Analysis;

/// <summary>
/// How close a tanh RNN's recurrent matrix U, the H x H map from h_(t-1) to h_t, is to a multiple of the identity. The
/// paper argues that TAR pushes it that way, since h_t = h_(t-1) costs nothing.
/// </summary>
public sealed record RecurrentMatrix
{
    /// <summary>Recurrent layer, from 0.</summary>
    public required int Layer { get; init; }

    /// <summary>The multiple c = trace(U) / H for which |U - c I| is smallest.</summary>
    public required double NearestMultiple { get; init; }

    /// <summary>
    /// |U - c I| / |U| (Frobenius norms): 0 for a multiple of the identity; sqrt(1 - 1/H), almost 1, is expected of a random
    /// matrix.
    /// </summary>
    public required double DistanceToIdentity { get; init; }

    /// <summary>Part of |U|^2 that lies on the diagonal: 1 for a diagonal matrix, about 1/H for a random one.</summary>
    public required double DiagonalMass { get; init; }

    /// <summary>Singular values, the largest first, [H].</summary>
    public required IReadOnlyList<double> SingularValues { get; init; }

    /// <summary>Eigenvalues, [H], in no order.</summary>
    public required IReadOnlyList<Complex> Eigenvalues { get; init; }

    /// <summary>The entries of U row by row, [H, H]: entry i*H + j leads from unit j of h_(t-1) to unit i of h_t.</summary>
    public required IReadOnlyList<double> Entries { get; init; }

    /// <summary>Measures a layer of a tanh RNN.</summary>
    /// <exception cref="WorkbenchException">The model has gates, so that no single matrix maps h_(t-1) to h_t.</exception>
    public static RecurrentMatrix Measure(LanguageModel model, int layer)
    {
        if (model.Cell != Cell.Tanh)
            throw new WorkbenchException($"The model's cell is {model.Cell}; only a tanh RNN has one matrix from h_(t-1) to h_t.");
        var (_, parameter) = model.named_parameters().First(p => p.name == $"rnn.weight_hh_l{layer}");
        return Measure(parameter, layer);
    }

    /// <summary>Measures any square matrix, [H, H].</summary>
    public static RecurrentMatrix Measure(Tensor matrix, int layer = 0)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var u = matrix.detach().cpu().to(ScalarType.Float64);
        var size = u.shape[0];
        var diagonal = u.diagonal();
        var multiple = diagonal.sum().ToDouble() / size;
        var total = u.square().sum().ToDouble();
        var eigenvalues = linalg.eigvals(u);
        var (real, imaginary) = (eigenvalues.real.contiguous().data<double>().ToArray(), eigenvalues.imag.contiguous().data<double>().ToArray());
        return new()
        {
            Layer = layer,
            NearestMultiple = multiple,
            DistanceToIdentity = (u - multiple * eye(size, dtype: ScalarType.Float64)).norm().ToDouble() / Math.Sqrt(total),
            DiagonalMass = diagonal.square().sum().ToDouble() / total,
            SingularValues = linalg.svdvals(u).data<double>().ToArray(),
            Entries = u.contiguous().data<double>().ToArray(),
            Eigenvalues = [.. real.Zip(imaginary, (re, im) => new Complex(re, im))],
        };
    }
}
