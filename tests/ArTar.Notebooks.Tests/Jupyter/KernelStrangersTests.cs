namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>What others on this machine can send to a kernel, whose ports are open to them, must not fill its memory.</summary>
public sealed class KernelStrangersTests(KernelProcess kernel) : IClassFixture<KernelProcess>
{
    [Theory]
    [InlineData(300_000_000, 1, 3, true)]
    [InlineData(300_000_000, 1, 3, false)]
    [InlineData(7_000_000, 50, 1, false)]
    [InlineData(60_000, 20_000, 1, false)]
    [InlineData(0, 3_000_000, 1, false)]
    [InlineData(7_000_000, 2, 60, false)]
    [InlineData(7_000_000, 1, 60, true)]
    [InlineData(1_000, 10, 500, false)]
    public void What_strangers_send_is_not_kept_however_it_is_cut(int bytes, int frames, int connections, bool isComplete)
    {
        Requires.That(Directory.Exists("/proc/self"), "/proc", "memory is read there");
        foreach (var channel in Enumerable.Range(0, 5))
        {
            var before = kernel.ResidentMegabytes();
            var frame = new byte[bytes];
            using (kernel.SendElsewhere(channel, connections, [.. Enumerable.Repeat(frame, frames)], isComplete))
            {
                Assert.Equal("5", kernel.Value("5"));
                Assert.True(kernel.Beats());
                // Given back soon, not at once: the whole process is counted, and what the sockets of the system still hold is read first.
                for (var tries = 0; tries < 300 && kernel.ResidentMegabytes() - before > 200; tries++)
                    Thread.Sleep(100);
                Assert.InRange(kernel.ResidentMegabytes() - before, -1000, 200);
            }
        }
    }

    [Fact]
    public void Somebody_who_listens_and_never_reads_keeps_nobody_waiting()
    {
        using (kernel.SendElsewhere(3, 1, ["\u0001"u8.ToArray()], isComplete: true))
            foreach (var _ in Enumerable.Range(0, 3))
                Assert.Equal("ok", (string?)kernel.Execute("Console.Write(new string('x', 5_000_000));").Reply.Content["status"]);
    }

    [Theory]
    [InlineData(0, 100_000)]
    [InlineData(3, 100_000)] // subscriptions
    [InlineData(4, 10_000_000)] // questions whether the kernel lives, which are answered
    public void Countless_small_messages_of_somebody_who_never_reads_are_not_kept(int channel, int messages)
    {
        Requires.That(Directory.Exists("/proc/self"), "/proc", "memory is read there");
        byte[] many = [.. Enumerable.Repeat(new byte[] { 0, 1, 1 }, 100_000).SelectMany(m => m)];
        var before = kernel.ResidentMegabytes();
        using (kernel.SendElsewhere(channel, 4, stream =>
        {
            for (var sent = 0; sent < messages; sent += 100_000)
                stream.Write(many);
        }))
        {
            Assert.True(kernel.Beats());
            for (var tries = 0; tries < 300 && kernel.ResidentMegabytes() - before > 200; tries++)
                Thread.Sleep(100);
            Assert.InRange(kernel.ResidentMegabytes() - before, -1000, 200);
        }
        Assert.Equal("5", kernel.Value("5"));
    }
}
