// HashLockTests: a lock opens for its secret alone, and for 32 bytes alone.
using CsCheck;
using Lockstep.Crypto;
using Xunit;

namespace Lockstep.Tests.Crypto;

public sealed class HashLockTests
{
    [Fact]
    public void Lock_OpensForItsSecretAlone() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Int[0, 31], Gen.Int[1, 255]).Sample(
            (secret, at, flip) =>
            {
                Hash32 hashLock = HashLock.Of(secret);
                Assert.Equal(Keccak.Hash(secret), hashLock);
                Assert.True(HashLock.Opens(secret, hashLock));
                secret[at] ^= (byte)flip;
                Assert.False(HashLock.Opens(secret, hashLock));
            },
            iter: 1_000);

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public void Secret_WhenOfAnotherLength_LocksAndOpensNothing(int length)
    {
        byte[] secret = new byte[length];
        Assert.Throws<ArgumentException>(() => HashLock.Of(secret));
        Assert.False(HashLock.Opens(secret, Keccak.Hash(secret)));
    }
}
