using TorchSharp;

namespace ArTar.Tests;

/// <summary>
/// The tests that use libtorch. Its random generator, its thread count and the list of known regularizers belong to the whole
/// process, so these tests run one at a time and after those that run in parallel: put
/// <c>[Collection(TorchTests.Name)]</c> on the class.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchTests : ICollectionFixture<TorchTests.OneThread>
{
    public const string Name = "torch";

    /// <summary>Tiny tensors gain nothing from several threads, and busy waiting ones would disturb the machine.</summary>
    public sealed class OneThread
    {
        public OneThread() => torch.set_num_threads(1);
    }
}
