// CryptoCases: hashing, signing, recovery and call data; BouncyCastle is the peer where it has one.
using Lockstep.Bench.Harness;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace Lockstep.Bench.Cases;

/// <summary>The cases of keys and of the EVM codec.</summary>
public static class CryptoCases
{
    private const int Count = 16;

    private static readonly AbiFunction Swap = AbiFunction.Parse(
        "exactInput((bytes path,address recipient,uint256 amountIn,uint256 minOut))(uint256)");

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("crypto.keccak-32", _ => Hash(32)),
        new("crypto.keccak-1024", _ => Hash(1024)),
        new("crypto.sign", _ => Sign()),
        new("crypto.recover", _ => Recover()),
        new("evm.abi-encode", _ => Encode()),
        new("evm.abi-decode", _ => Decode()),
        new("evm.sign-transaction", _ => SignTransaction()),
    ];

    private static Benchmark Hash(int length)
    {
        Seeded random = new(1);
        byte[][] data = Seeded.Array(Count, _ => Bytes(random, length));
        byte[][] ours = Seeded.Array(Count, _ => new byte[32]);
        byte[][] theirs = Seeded.Array(Count, _ => new byte[32]);
        return new Benchmark("hash", Count, () =>
        {
            for (int i = 0; i < data.Length; i++) Keccak.Hash(data[i], ours[i]);
        })
        {
            PeerName = "BouncyCastle",
            Peer = () =>
            {
                for (int i = 0; i < data.Length; i++)
                {
                    KeccakDigest digest = new(256);
                    digest.BlockUpdate(data[i], 0, data[i].Length);
                    digest.DoFinal(theirs[i], 0);
                }
            },
            Difference = () => ours.Zip(theirs).All(pair => pair.First.SequenceEqual(pair.Second))
                ? null
                : "a hash differs",
        };
    }

    private static Benchmark Sign()
    {
        Seeded random = new(2);
        byte[] secret = Bytes(random, 32);
        SigningKey key = new(secret);
        Hash32[] digests = Seeded.Array(Count, _ => new Hash32(Bytes(random, 32)));
        byte[][] texts = [.. digests.Select(digest => digest.ToArray())];
        EcdsaSignature[] ours = new EcdsaSignature[Count];
        BigInteger[][] theirs = new BigInteger[Count][];
        ECDsaSigner signer = new(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(true, new ECPrivateKeyParameters(new BigInteger(1, secret),
            new ECDomainParameters(CustomNamedCurves.GetByName("secp256k1"))));
        return new Benchmark("signature", Count, () =>
        {
            for (int i = 0; i < digests.Length; i++) ours[i] = key.Sign(digests[i]);
        })
        {
            PeerName = "BouncyCastle",
            Peer = () =>
            {
                for (int i = 0; i < texts.Length; i++)
                    theirs[i] = signer.GenerateSignature(texts[i]);
            },
            Difference = () => ours.Zip(theirs).All(pair => Same(pair.First, pair.Second))
                ? null
                : "a signature differs",
        };
    }

    private static bool Same(EcdsaSignature ours, BigInteger[] theirs)
    {
        UInt256 s = UInt256.Parse(theirs[1].ToString());
        return ours.R == UInt256.Parse(theirs[0].ToString())
            && (ours.S == s || ours.S == Secp256k1.Order - s);
    }

    private static Benchmark Recover()
    {
        Seeded random = new(3);
        SigningKey key = new(Bytes(random, 32));
        Hash32[] digests = Seeded.Array(Count, _ => new Hash32(Bytes(random, 32)));
        EcdsaSignature[] signatures = [.. digests.Select(digest => key.Sign(digest))];
        EvmAddress[] signers = new EvmAddress[Count];
        return new Benchmark("recovery", Count, () =>
        {
            for (int i = 0; i < digests.Length; i++)
                Secp256k1.TryRecover(digests[i], signatures[i], out signers[i]);
        })
        {
            Difference = () => signers.All(signer => signer == key.Address)
                ? null
                : "a signer is not found",
        };
    }

    private static AbiValue Arguments(Seeded random) => AbiValue.List(
        Bytes(random, 66), new EvmAddress(Bytes(random, 20)), random.Bits(90), random.Bits(90));

    private static Benchmark Encode()
    {
        Seeded random = new(4);
        AbiValue[] arguments = Seeded.Array(Count, _ => Arguments(random));
        byte[][] data = new byte[Count][];
        return new Benchmark("call", Count, () =>
        {
            for (int i = 0; i < arguments.Length; i++) data[i] = Swap.Encode(arguments[i]);
        })
        {
            Difference = () => data.Zip(arguments)
                .All(pair => Swap.DecodeInputs(pair.First)[0] == pair.Second)
                ? null
                : "a call reads back differently",
        };
    }

    private static Benchmark Decode()
    {
        Seeded random = new(5);
        byte[][] data = Seeded.Array(Count, _ => Swap.Encode(Arguments(random)));
        AbiValue[] values = new AbiValue[Count];
        return new Benchmark("call", Count, () =>
        {
            for (int i = 0; i < data.Length; i++) values[i] = Swap.DecodeInputs(data[i]);
        })
        {
            Difference = () => values.Zip(data)
                .All(pair => Swap.Encode(pair.First[0]).AsSpan().SequenceEqual(pair.Second))
                ? null
                : "a call writes back differently",
        };
    }

    private static Benchmark SignTransaction()
    {
        Seeded random = new(6);
        SigningKey key = new(Bytes(random, 32));
        EvmTransaction[] transactions = Seeded.Array(Count, i => new EvmTransaction
        {
            ChainId = 8453,
            Nonce = (ulong)i,
            GasLimit = 400_000,
            MaxFeePerGas = random.Bits(34),
            MaxPriorityFeePerGas = random.Bits(20),
            To = new EvmAddress(Bytes(random, 20)),
            Data = Swap.Encode(Arguments(random)),
        });
        SignedTransaction[] signed = new SignedTransaction[Count];
        return new Benchmark("transaction", Count, () =>
        {
            for (int i = 0; i < transactions.Length; i++) signed[i] = transactions[i].Sign(key);
        })
        {
            Difference = () => signed.Zip(transactions).All(pair =>
                SignedTransaction.Decode(pair.First.Raw.Span).Transaction.Equals(pair.Second))
                ? null
                : "a transaction reads back differently",
        };
    }

    private static byte[] Bytes(Seeded random, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = unchecked((byte)random.Next());
        return bytes;
    }
}
