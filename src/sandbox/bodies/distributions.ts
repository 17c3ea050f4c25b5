import type { SandboxCreator } from '../creators.js';
import { split } from '../split.js';
import { success } from './body.js';

interface Block {
  readonly originType: number;
  readonly label: string;
  readonly keys: readonly string[];
  /** The part of the people in it, of whom upstream knows this about them and lists it. */
  readonly coverage: number;
}

export const gender: Block = {
  originType: 0,
  label: '性别分布',
  keys: ['female', 'male'],
  coverage: 1,
};
export const age: Block = {
  originType: 1,
  label: '年龄分布',
  keys: ['18-23', '24-30', '31-40', '41-50', '50+'],
  coverage: 0.94,
};
export const province: Block = {
  originType: 2,
  label: '地域分布',
  keys: ['广东', '江苏', '浙江', '山东', '河南', '四川', '湖南', '河北', '北京', '上海', '陕西', '西藏'],
  coverage: 0.97,
};
export const device: Block = {
  originType: 3,
  label: '设备分布',
  keys: ['iPhone', '华为', 'vivo', 'oppo', '荣耀', '小米', '红米', '其他'],
  coverage: 0.99,
};
export const cityTier: Block = {
  originType: 5,
  label: '城市等级分布',
  keys: ['一线', '二线', '三线', '四线', '五线'],
  coverage: 0.96,
};
export const interest: Block = {
  originType: 6,
  label: '兴趣分布',
  keys: ['随拍', '社会时政', '影视', '美食', '游戏', '音乐', '亲子', '旅行'],
  coverage: 0.8,
};
export const city: Block = {
  originType: 8,
  label: '城市分布',
  keys: ['广州', '上海', '深圳', '北京', '成都', '杭州', '重庆', '武汉', '西安', '苏州'],
  coverage: 0.25,
};
export const crowd: Block = {
  originType: 10,
  label: '八大人群',
  keys: ['Z世代', '精致妈妈', '新锐白领', '资深中产', '都市蓝领', '都市银发', '小镇青年', '小镇中老年'],
  coverage: 0.92,
};
export const spending: Block = {
  originType: 11,
  label: '消费品类',
  keys: ['食品饮料', '智能家居', '服饰内衣', '个护家清', '运动户外', '其他'],
  coverage: 0.43,
};
export const orderValue: Block = {
  originType: 12,
  label: '客单价',
  keys: ['0-50', '50-100', '100-200', '200-500', '500以上'],
  coverage: 0.42,
};

/** Late in September 2024, when the samples are from. */
const firstUpdate = 1_727_341_690;

/** `people` of a creator, split in several ways. `of` says which people they are. */
export function distributionsOf(
  { randomFor }: SandboxCreator,
  of: string,
  people: number,
  blocks: readonly Block[],
): object {
  const form = randomFor('distributions');
  const isEmpty = form.chance(0.08);
  const hasChineseGenders = form.chance(0.2);
  const isInPercent = form.chance(0.15);
  const random = randomFor(`distributions:${of}`);
  return {
    base_resp: success,
    distributions: isEmpty ? [] : blocks.map(blockOf),
    last_update_time: String(firstUpdate + random.whole(0, 86_400)),
  };

  function blockOf({ originType, label, keys, coverage }: Block): object {
    const counted = Math.round(people * coverage);
    const buckets = split(random, counted, keys);
    const textOf = (cnt: number) => (isInPercent ? ((100 * cnt) / counted).toFixed(2) : String(cnt));
    const most = buckets.reduce((a, b) => (b.cnt > a.cnt ? b : a));
    return {
      description: `${keyOf(most.name)}居多`,
      distribution_list: buckets.map(({ name, cnt }) => ({
        distribution_key: keyOf(name),
        distribution_value: textOf(cnt),
      })),
      image: [],
      origin_type: originType,
      type: 2 ** originType,
      type_display: label,
    };
  }

  function keyOf(name: string): string {
    if (!hasChineseGenders) return name;
    return name === 'female' ? '女' : name === 'male' ? '男' : name;
  }
}
