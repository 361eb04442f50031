// LineRecorderTests: lines come back from a log as they went in, by stream and in order.
using CsCheck;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Model;
using Xunit;

namespace Lockstep.Tests.Recording;

public sealed class LineRecorderTests : IDisposable
{
    private readonly TempFolder folder = new();
    private int logs;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Lines_ComeBackFromTheLog() =>
        Gen.Select(LineGen.Any.List[0, 30], Gen.Long[0, 1 << 20]).Sample((lines, at) =>
        {
            string log = Path.Combine(folder.Path, $"log{logs++}");
            using (LineRecorder recorder = new(RecordWriter.Open(log)))
            {
                Assert.Equal(1, recorder.Tick(Streams.DetectorIn("base"), at, at * 1000));
                recorder.TakeAll(Streams.AggregatorOut, lines, at);
            }
            List<LogRecord> read = [.. RecordReader.Open(log).Read()];
            Assert.Equal("base", Streams.ClusterOfInput(read[0].Stream));
            Assert.Equal(at, Assert.IsType<TickLine>(
                LineCodec.Read(read[0].Payload.Span, out _)).Slot);
            Assert.All(read.Skip(1), one => Assert.True(Streams.IsDecision(one.Stream)));
            Assert.Equal(
                lines.Select(one => Recordings.Text([one])),
                read.Skip(1).Select(one => Recordings.Text(
                    [LineCodec.Read(one.Payload.Span, out _)!])));
        }, iter: 40, threads: 1);
}
