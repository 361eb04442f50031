// NewsBoxTests: whatever a late reader missed, it ends up knowing what one in time knows; bounded.
using CsCheck;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Service.Stages;
using Lockstep.Tests.Model;
using Xunit;

namespace Lockstep.Tests.Service;

public sealed class NewsBoxTests
{
    private static readonly Gen<Line[][]> Slots = LineGen.Any.Array[0, 8].Array[1, 30];

    [Fact]
    public void Merging_LosesNoState() => Gen.Select(Slots, Gen.Int[2, 6]).Sample(
        (slots, most) =>
        {
            MarketLines prompt = new(), late = new();
            NewsBox box = new(most, () => { });
            long paths = 0;
            for (int i = 0; i < slots.Length; i++)
            {
                foreach (Line line in slots[i]) prompt.Take(line);
                paths += slots[i].Count(line => line is PathLine);
                box.Put(new SlotBatch(i, 1, i * 1000L, slots[i]));
                Assert.True(box.Count <= most);
            }
            Assert.Equal(slots.Length - 1, box.Newest);
            long last = -1, told = 0;
            while (box.Take() is { } batch)
            {
                Assert.True(batch.Slot > last);
                last = batch.Slot;
                foreach (Line line in batch.Lines) late.Take(line);
                told += batch.Lines.Count(line => line is PathLine);
            }
            Assert.Equal(slots.Length - 1, last);
            Assert.Equal(Words(prompt), Words(late));
            Assert.Equal(paths, told + box.Dropped);
        }, iter: 2000);

    [Fact]
    public void State_OfAllLines_IsTheSameInAnyHost() => Slots.Sample(slots =>
    {
        MarketLines first = new(), again = new();
        foreach (Line line in slots.SelectMany(one => one)) first.Take(line);
        foreach (Line line in first.All) Assert.True(again.Take(line));
        Assert.Equal(Words(first), Words(again));
    }, iter: 1000);

    /// <summary>A verdict on a pool and a quote of it keep their order: the later one stands.
    /// </summary>
    private static string[] Words(MarketLines lines) => [.. lines.All
        .Select(line => line switch
        {
            TokenLine token => $"0 {token.Asset} {token.Decimals}",
            PriceLine price => $"1 {price.Asset} {price.UsdE18}",
            _ => "2 " + Text(line),
        })
        .OrderBy(one => one[0])
        .ThenBy(one => one[0] == '2' ? "" : one, StringComparer.Ordinal)];

    private static string Text(Line line)
    {
        System.Buffers.ArrayBufferWriter<byte> text = new();
        LineCodec.Write(line, text);
        return System.Text.Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
