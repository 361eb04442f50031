// IntegerCases: UInt256 arithmetic against System.Numerics.BigInteger over the same operands.
using System.Numerics;
using Lockstep.Bench.Harness;
using Lockstep.Bench.Peers;
using Lockstep.Numerics;

namespace Lockstep.Bench.Cases;

/// <summary>The integer cases; operands have the widths the names give.</summary>
public static class IntegerCases
{
    private const int Count = 256;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("uint256.add-255", _ => Make<Add>(255, 255, 1)),
        new("uint256.mul-128x128", _ => Make<Multiply>(128, 128, 1)),
        new("uint256.div-256/128", _ => Make<Divide>(256, 1, 128)),
        new("uint256.div-256/64", _ => Make<Divide>(256, 1, 64)),
        new("uint256.mulDiv-256", _ => Make<MulDiv>(254, 256, 255)),
        new("uint256.mulDiv-128", _ => Make<MulDiv>(128, 127, 128)),
        new("uint256.sqrt-256", _ => Make<Root>(256, 1, 1)),
    ];

    private static Benchmark Make<T>(int xBits, int yBits, int dBits)
        where T : struct, IOperation
    {
        Seeded random = new(1);
        UInt256[] x = Seeded.Array(Count, _ => random.Bits(xBits));
        UInt256[] y = Seeded.Array(Count, _ => random.Bits(yBits));
        UInt256[] d = Seeded.Array(Count, _ => random.Bits(dBits));
        BigInteger[] bigX = [.. x.Select(Seeded.Big)];
        BigInteger[] bigY = [.. y.Select(Seeded.Big)];
        BigInteger[] bigD = [.. d.Select(Seeded.Big)];
        UInt256[] ours = new UInt256[Count];
        BigInteger[] theirs = new BigInteger[Count];
        return new Benchmark("op", Count, () => Ours<T>(x, y, d, ours))
        {
            PeerName = "BigInteger",
            Peer = () => Theirs<T>(bigX, bigY, bigD, theirs),
            Difference = () => Seeded.FirstDifference(ours, theirs),
        };
    }

    private static void Ours<T>(UInt256[] x, UInt256[] y, UInt256[] d, UInt256[] results)
        where T : struct, IOperation
    {
        for (int i = 0; i < results.Length; i++) results[i] = T.Ours(x[i], y[i], d[i]);
    }

    private static void Theirs<T>(
        BigInteger[] x, BigInteger[] y, BigInteger[] d, BigInteger[] results)
        where T : struct, IOperation
    {
        for (int i = 0; i < results.Length; i++) results[i] = T.Theirs(x[i], y[i], d[i]);
    }

    /// <summary>One operation in both number types; a struct, so that neither loop calls through a
    /// pointer.</summary>
    private interface IOperation
    {
        public static abstract UInt256 Ours(in UInt256 x, in UInt256 y, in UInt256 d);

        public static abstract BigInteger Theirs(BigInteger x, BigInteger y, BigInteger d);
    }

    private readonly struct Add : IOperation
    {
        public static UInt256 Ours(in UInt256 x, in UInt256 y, in UInt256 d) => x + y;

        public static BigInteger Theirs(BigInteger x, BigInteger y, BigInteger d) => x + y;
    }

    private readonly struct Multiply : IOperation
    {
        public static UInt256 Ours(in UInt256 x, in UInt256 y, in UInt256 d) => x * y;

        public static BigInteger Theirs(BigInteger x, BigInteger y, BigInteger d) => x * y;
    }

    private readonly struct Divide : IOperation
    {
        public static UInt256 Ours(in UInt256 x, in UInt256 y, in UInt256 d) => x / d;

        public static BigInteger Theirs(BigInteger x, BigInteger y, BigInteger d) => x / d;
    }

    private readonly struct MulDiv : IOperation
    {
        public static UInt256 Ours(in UInt256 x, in UInt256 y, in UInt256 d) =>
            UInt256.MulDivFloor(x, y, d);

        public static BigInteger Theirs(BigInteger x, BigInteger y, BigInteger d) => x * y / d;
    }

    private readonly struct Root : IOperation
    {
        public static UInt256 Ours(in UInt256 x, in UInt256 y, in UInt256 d) => UInt256.Sqrt(x);

        public static BigInteger Theirs(BigInteger x, BigInteger y, BigInteger d) =>
            BigMarkets.Sqrt(x);
    }
}
