using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Models;

/// <summary>
/// How close a square matrix U, [H, H], is to a multiple of the identity. The paper argues that TAR pushes the recurrent matrix of a tanh
/// RNN that way, since h_t = h_(t-1) costs nothing.
/// </summary>
public sealed record NearestIdentity
{
    /// <summary>The multiple c = trace(U) / H for which |U - c I| is smallest.</summary>
    public required double Multiple { get; init; }

    /// <summary>
    /// |U - c I| / |U| (Frobenius norms): 0 for a multiple of the identity; sqrt(1 - 1/H), almost 1, is expected of a random
    /// matrix.
    /// </summary>
    public required double Distance { get; init; }

    /// <summary>Part of |U|^2 that lies on the diagonal: 1 for a diagonal matrix, about 1/H for a random one.</summary>
    public required double DiagonalMass { get; init; }

    /// <summary>
    /// The cosine of the angle between U and the identity as vectors, sqrt(H) c / |U|: 1 for a positive multiple, which keeps the state; -1
    /// for a negative one, which flips it; 0 give or take 1/H for a random matrix. Its square is 1 - <see cref="Distance"/>^2.
    /// </summary>
    [JsonIgnore]
    public double Cosine => Math.Sign(Multiple) * Math.Sqrt(Math.Max(0, 1 - Distance * Distance));

    /// <summary>Measures any square matrix, [H, H].</summary>
    public static NearestIdentity Of(Tensor matrix)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var u = matrix.detach().cpu().to(ScalarType.Float64);
        var diagonal = u.diagonal();
        var multiple = diagonal.mean().ToDouble();
        var total = u.square().sum().ToDouble();
        return new()
        {
            Multiple = multiple,
            Distance = (u - multiple * eye(u.shape[0], dtype: ScalarType.Float64)).norm().ToDouble() / Math.Sqrt(total),
            DiagonalMass = diagonal.square().sum().ToDouble() / total,
        };
    }

    /// <summary>
    /// Measures the map from h_(t-1) to h_t in the last layer of a tanh RNN, the layer that TAR looks at; null where gates leave no single
    /// matrix.
    /// </summary>
    public static NearestIdentity? Of(LanguageModel model) => model.Cell == Cell.Tanh ? Of(model.RecurrentWeight(model.Layers - 1)) : null;
}
