// SecretSealTests: a seal opens for its maker and its lock, and for nothing else.
using CsCheck;
using Lockstep.Crypto;
using Lockstep.Execution.Running;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

public sealed class SecretSealTests
{
    private static readonly Gen<byte[]> Bytes32 = Gen.Byte.Array[HashLock.SecretBytes];

    [Fact]
    public void Seal_OpensForItsMakerAndLockOnly() =>
        Gen.Select(
            Bytes32, Gen.Byte.Array[SecretSeal.NonceBytes], Gen.Int[1, 99], Gen.Int[0, 59],
            Gen.Int[0, 7])
            .Sample((secret, nonce, number, place, bit) =>
            {
                using SigningKey key = Key(number), another = Key(number + 1);
                using SecretSeal seal = new(key), again = new(key), foreign = new(another);
                Hash32 hash = HashLock.Of(secret);
                string text = seal.Seal(secret, nonce);
                Assert.Equal(secret, again.Open(text, hash));
                Assert.Null(foreign.Open(text, hash));
                Assert.Null(seal.Open(text, Keccak.HashText("another lock")));
                byte[] bytes = Hex.Parse(text);
                bytes[place] ^= (byte)(1 << bit);
                Assert.Null(seal.Open(Hex.Format(bytes), hash));
                Assert.Null(seal.Open(text[..^2], hash));
                Assert.DoesNotContain(
                    Convert.ToHexStringLower(secret), text, StringComparison.Ordinal);
            }, iter: 100);

    private static SigningKey Key(int number) =>
        new(Keccak.HashText($"operator {number}").ToArray());
}
