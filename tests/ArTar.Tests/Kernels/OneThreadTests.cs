using ArTar.Tests.Training;
using ArTar.Workbench.Analysis;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Tests.Kernels;

[Collection(TorchTests.Name)]
public sealed class OneThreadTests : IDisposable
{
    public OneThreadTests() => set_num_threads(3);

    public void Dispose() => set_num_threads(1);

    [Fact]
    public void Operations_take_the_calling_thread_alone_until_it_is_disposed()
    {
        using (OneThread.Take())
            Assert.Equal(1, get_num_threads());
        Assert.Equal(3, get_num_threads());
        default(OneThread).Dispose();
        Assert.Equal(3, get_num_threads());
    }

    [Fact]
    public void Whoever_draws_a_text_has_as_many_threads_as_before_when_it_is_stopped_too()
    {
        var corpus = Small.Corpus();
        using var model = new LanguageModel(Cell.Lstm, corpus.Vocabulary.Count, hidden: 8, layers: 1, dropout: 0, layerDropout: 0);
        new TextSampler { Words = 3 }.Draw(model, corpus.Vocabulary, TestContext.Current.CancellationToken);
        Assert.Equal(3, get_num_threads());
        Assert.Throws<OperationCanceledException>(() => new TextSampler().Draw(model, corpus.Vocabulary, new(canceled: true)));
        Assert.Equal(3, get_num_threads());
    }
}
