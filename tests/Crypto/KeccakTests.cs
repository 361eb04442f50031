// KeccakTests: the hash equals ethers', noble's and BouncyCastle's, at every length.
using System.Text.Json;
using CsCheck;
using Lockstep.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Xunit;

namespace Lockstep.Tests.Crypto;

public sealed class KeccakTests
{
    [Fact]
    public void Hash_EqualsEthers()
    {
        foreach (JsonElement one in EvmVectors.Crypto("keccak"))
        {
            int length = one[0].GetInt32();
            byte[] message = new byte[length];
            for (int i = 0; i < length; i++)
                message[i] = unchecked((byte)((i * 31) + (length * 7)));
            Assert.Equal(one[1].GetString(), Keccak.Hash(message).ToString());
        }
    }

    [Fact]
    public void Hash_EqualsBouncyCastle() => Gen.Byte.Array[0, 700].Sample(
        message =>
        {
            KeccakDigest digest = new(256);
            byte[] expected = new byte[32];
            digest.BlockUpdate(message, 0, message.Length);
            digest.DoFinal(expected, 0);
            Assert.Equal(expected, Keccak.Hash(message).ToArray());
        },
        iter: 5_000);

    [Fact]
    public void Hash_MayLieOverItsData() => Gen.Byte.Array[32, 300].Sample(
        data =>
        {
            Hash32 expected = Keccak.Hash(data);
            Keccak.Hash(data, data);
            Assert.Equal(expected, new Hash32(data.AsSpan(0, 32)));
        },
        iter: 500);
}
