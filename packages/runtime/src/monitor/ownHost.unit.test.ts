import { hostname } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { isOwnHost } from './ownHost.js';

describe('a Host that is taken', () => {
  test.each([
    ['of a pod, as the kubelet and Prometheus say it', '10.244.1.7:9464'],
    ['of a pod with IPv6', '[fd00:10:244::7]:9464'],
    ['of this machine', '127.0.0.1:9464'],
    ['of this machine with IPv6', '[::1]:9464'],
    ['without a port', '10.244.1.7'],
    ['by its usual name', 'localhost:9464'],
    ['by its usual name, written large and with its dot', 'LOCALHOST.:9464'],
    ['of a container of compose', 'scheduler:9464'],
    ['of a container with a project and a number', 'odoo-sync_scheduler-1:9464'],
    ['of a service, as KEDA asks', 'odoo-sync-scheduler.mirror.svc:9464'],
    ['of a service, in full', 'odoo-sync-scheduler.mirror.svc.cluster.local:9464'],
    ['of the machine around a container', 'host.docker.internal:9464'],
    ['of METRICS_HOST', 'metrics.example.com:9464'],
    ['of this machine by its own name', `${hostname()}:9464`],
    ['that is empty, as no browser sends it', ''],
  ])('%s: %s', (_, host) => {
    expect(isOwnHost(host, 'metrics.example.com')).toBe(true);
  });
  test('that is not there, as in HTTP/1.0', () => expect(isOwnHost(undefined, '0.0.0.0')).toBe(true));
});

describe('a Host that is refused', () => {
  test.each([
    'evil.example',
    'evil.example:9464',
    '127.0.0.1.evil.example',
    '10.0.0.7.nip.io:9464',
    'localhost.evil.example',
    'scheduler.mirror.svc.evil.example',
    'svc.evil.example',
    'evilsvc.example',
    'evil-internal.example',
    'evil.example.',
    'evil.example..',
    '.evil',
    'evil.example@localhost',
    'localhost/evil.example',
    'localhost, evil.example',
    '[::1].evil.example',
    '[evil.example]',
    '::1',
    '127.0.0.1:9464:80',
    '1.2.3.4.5',
    'user:pass@localhost:80',
    'xn--e1afmkfd.example',
    'evil.local',
    '*',
  ])('%s', (host) => {
    expect(isOwnHost(host, '0.0.0.0')).toBe(false);
  });
});
