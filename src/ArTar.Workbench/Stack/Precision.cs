using TorchSharp;

namespace ArTar.Workbench.Stack;

/// <summary>How an NVIDIA GPU multiplies matrices; a processor always does in float32.</summary>
public enum Precision
{
    /// <summary>
    /// On its matrix units, with factors rounded to 10 bits of mantissa and sums in float32: several times as fast, and what cuDNN's
    /// recurrent layers do unasked.
    /// </summary>
    Tf32,

    /// <summary>In float32 throughout.</summary>
    [JsonStringEnumMemberName("float32")]
    Fp32,
}

/// <summary>What a precision sets.</summary>
public static class Precisions
{
    /// <summary>Makes it that of the whole process.</summary>
    public static void Apply(this Precision precision)
    {
        torch.backends.cuda.matmul.allow_tf32 = precision == Precision.Tf32;
        torch.backends.cudnn.allow_tf32 = precision == Precision.Tf32;
    }
}
