using System.Text.Json.Nodes;

namespace ArTar.Sweeps.Tests.Slurm;

[CollectionDefinition(Name)]
public sealed class SlurmTests : ICollectionFixture<SlurmCluster>
{
    public const string Name = "a SLURM cluster";
}
