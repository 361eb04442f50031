// process: whether another process is alive; one that ended but was not yet collected is not.
import fs from 'node:fs';

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    // The state follows the name, which is in parentheses and may hold anything.
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}
