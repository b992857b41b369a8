import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** How many days each certificate is good for. */
const certificates = { server: 2, client: 2, expired: 0 };

/**
 * Makes an authority in `folder` (ca.pem), and signs certificates for 127.0.0.1 in `folder/server`,
 * `folder/client` and `folder/expired`; each has ca.pem, cert.pem and key.pem. Needs openssl.
 */
export async function createCertificates(folder: string): Promise<void> {
  const openssl = (words: string) => execa("openssl", words.split(" "), { cwd: folder });
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout";
  await mkdir(folder, { recursive: true });
  await openssl(`req -x509 ${key} ca-key.pem -days 2 -out ca.pem -subj /CN=dp`);
  await writeFile(join(folder, "names"), "subjectAltName=IP:127.0.0.1\n");
  for (const [name, days] of Object.entries(certificates)) {
    await mkdir(join(folder, name));
    await openssl(`req ${key} ${name}/key.pem -out ${name}/csr -subj /CN=${name}`);
    const signer = `-CA ca.pem -CAkey ca-key.pem -CAcreateserial -days ${days} -extfile names`;
    await openssl(`x509 -req -in ${name}/csr ${signer} -out ${name}/cert.pem`);
    await copyFile(join(folder, "ca.pem"), join(folder, name, "ca.pem"));
  }
}
