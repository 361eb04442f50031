// KeystoreException: a key file that gives no key, and why.
namespace Lockstep.Crypto;

/// <summary>Why a key file gives no key.</summary>
public enum KeystoreFault
{
    /// <summary>Not the JSON of a version 3 key file.</summary>
    Malformed,

    /// <summary>A cipher, derivation or cost that is not done here.</summary>
    Unsupported,

    /// <summary>The password is wrong, or the file was changed.</summary>
    Password,

    /// <summary>The key is of another address than the file says.</summary>
    Address,
}

/// <summary>The only exception that opening a key file throws for what the file holds.</summary>
public sealed class KeystoreException : FormatException
{
    internal KeystoreException(KeystoreFault fault, string message, Exception? inner = null)
        : base($"key file: {message}", inner) => Fault = fault;

    /// <summary>Which fault.</summary>
    public KeystoreFault Fault { get; }
}
