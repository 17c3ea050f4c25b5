/** `cpMetrics` → `CP_METRICS` */
export function enumName(name: string): string {
  return name.replaceAll(/[A-Z]/g, '_$&').toUpperCase();
}
